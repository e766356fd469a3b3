// Runs NAME.onnx in onnxruntime on the images of NAME.answers and compares what comes out.
//   node onnx_test.mjs MODULES DIRECTORY NAME...
// MODULES is the folder that holds onnxruntime-node, as npm makes it (node_modules).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, directory, ...names] = process.argv.slice(2);
const ort = createRequire(join(resolve(modules), "here.js"))("onnxruntime-node");

function readSafetensors(path) {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  delete header.__metadata__;
  for (const [name, { shape, data_offsets: [begin, end] }] of Object.entries(header)) {
    const part = bytes.buffer.slice(bytes.byteOffset + 8 + length + begin,
                                    bytes.byteOffset + 8 + length + end);
    header[name] = { shape, data: new Float32Array(part) };
  }
  return header;
}

// Largest difference, over the largest magnitude where that is above 1; NaN is a difference.
function difference(found, wanted) {
  if (found.length !== wanted.length) return Infinity;
  let scale = 1, largest = 0;
  for (const value of wanted) scale = Math.max(scale, Math.abs(value));
  for (let i = 0; i < wanted.length; ++i) {
    const distance = found[i] === wanted[i] ? 0 : Math.abs(found[i] - wanted[i]);
    if (!(distance <= largest)) largest = distance;
  }
  return largest / scale;
}

function concatenate(parts) {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

const batchSizes = [1, 7, 64, 1000];  // the batch is free: these in turn
for (const name of names) {
  const session = await ort.InferenceSession.create(join(directory, `${name}.onnx`));
  const wanted = readSafetensors(join(directory, `${name}.answers`));
  const [count, ...shape] = wanted.images.shape;
  const each = shape.reduce((a, b) => a * b, 1);
  const found = { logits: [], bottom: [], radius: [] };
  for (let first = 0, turn = 0; first < count; ++turn) {
    const size = Math.min(batchSizes[turn % batchSizes.length], count - first);
    const pixels = wanted.images.data.slice(first * each, (first + size) * each);
    const images = new ort.Tensor("float32", pixels, [size, ...shape]);
    const result = await session.run({ images });
    for (const output of Object.keys(found)) found[output].push(result[output].data);
    first += size;
  }
  for (const [output, parts] of Object.entries(found)) {
    const distance = difference(concatenate(parts), wanted[output].data);
    console.log(`${name}: ${output} of ${count} images, largest difference ${distance}`);
    if (!(distance <= 1e-5)) process.exitCode = 1;
  }
}

// What the answers rest on, fed damaged images: no label stands.
const session = await ort.InferenceSession.create(join(directory, "small.onnx"));
const { shape: [, ...shape] } = readSafetensors(join(directory, "small.answers")).images;
for (const pixel of [NaN, Infinity, 3e38]) {
  const pixels = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(pixel);
  const { logits, bottom, radius } =
    await session.run({ images: new ort.Tensor("float32", pixels, [1, ...shape]) });
  if (logits.data.some((logit) => logit > bottom.data[0]) || radius.data[0] > 0) {
    console.log(`images of ${pixel} are certified`);
    process.exitCode = 1;
  }
}
