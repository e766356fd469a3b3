// onnxruntime's side of the comparison: certified inference on what compare_gloro exports.
//   node onnxruntime.mjs modules=FOLDER network=FILE.onnx images=FILE.f32 shape=H,W,C batch=B
//     threads=T
// modules is the folder that holds npm's onnxruntime-node. The lines that it reads and writes are
// those of protocol.hpp.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const given = Object.fromEntries(process.argv.slice(2).map((argument) => {
  const equals = argument.indexOf("=");
  return [argument.slice(0, equals), argument.slice(equals + 1)];
}));
const require = createRequire(join(resolve(given.modules), "here.js"));
const ort = require("onnxruntime-node");
const shape = given.shape.split(",").map(Number);
const [batch, threads] = [given.batch, given.threads].map(Number);
const bytes = readFileSync(given.images);
const each = shape.reduce((a, b) => a * b, 1);
const pixels = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const feeds = [];
for (let first = 0; first + batch <= pixels.length / each; first += batch)
  feeds.push({ images: new ort.Tensor("float32", pixels.slice(first * each, (first + batch) * each),
                                      [batch, ...shape]) });

// The native session, without the promise and the turn of the event loop that the public run() puts
// around each call; where a version hides it, the public one.
const options = { graphOptimizationLevel: "all", executionMode: "sequential",
                  intraOpNumThreads: threads, interOpNumThreads: 1, enableCpuMemArena: true,
                  enableMemPattern: true };
const outputs = { logits: null, bottom: null, radius: null };
let run, way;
try {
  const { binding, initOrt } = require("onnxruntime-node/dist/binding.js");
  initOrt();
  const session = new binding.InferenceSession();
  session.loadModel(given.network, { ...options, logSeverityLevel: 2 });
  run = (feed) => session.run(feed, outputs, {});
  way = "native";
  run(feeds[0]);
} catch {
  const session = await ort.InferenceSession.create(given.network, options);
  run = (feed) => session.run(feed);
  way = "public";
}

let certified = 0;
for (const feed of feeds) {
  const { logits, bottom } = await run(feed);
  const classes = logits.data.length / batch;
  for (let n = 0; n < batch; ++n)
    certified += Math.max(...logits.data.slice(n * classes, (n + 1) * classes)) > bottom.data[n];
}
console.log(`note version ${ort.env.versions.node}`);
console.log(`note call ${way}`);
console.log(`note certified ${certified}`);
console.log("ready");

let next = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const seconds = Number(line.split(" ")[1]);
  const times = [];
  const begin = process.hrtime.bigint();
  for (let start = begin; times.length === 0 || Number(start - begin) < 1e9 * seconds;) {
    const result = run(feeds[next]);
    if (way === "public") await result;
    next = (next + 1) % feeds.length;
    const end = process.hrtime.bigint();
    times.push(Number(end - start));
    start = end;
  }
  times.sort((a, b) => a - b);
  console.log(`${1e-9 * times[times.length >> 1] / batch} ${times.length}`);
}
const [, kibibytes] = readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s*(\d+)/);
console.log(`peak ${1024 * kibibytes}`);
