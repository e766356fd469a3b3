// The page around the certifier: what is drawn becomes 28 x 28 numbers as MNIST's are, the certifier
// answers, and the answer is shown in words, as a ring, as pictures and as a table.
"use strict";

const side = 28;
const board = document.getElementById("board");
const ink = board.getContext("2d", { willReadFrequently: true });
const by_id = (id) => document.getElementById(id);

let library = null;    // the compiled certifier (certifier.cpp)
let image = null;      // what the network sees: side * side numbers from 0 to 1; null: nothing
let proof = null;      // its answer to that
let outside = null;    // the nearest point found where the label is lost
let attack_timer = 0;

// ---------------------------------------------------------------- the certifier

/// An answer of the certifier, which is JSON; throws what it complains of.
function ask(question, ...values) {
  const answer = JSON.parse(library.UTF8ToString(library["_gloro_" + question](...values)));
  if (answer.error) throw new Error(answer.error);
  return answer;
}

function certify(values) {
  library.HEAPF32.set(values, library._gloro_image() / 4);
  return ask("certify");
}

/// The point that the last attack has led to.
function moved() {
  const at = library._gloro_moved() / 4;
  return library.HEAPF32.slice(at, at + side * side);
}

// ---------------------------------------------------------------- drawing

/// Strokes of the ten digits in a square of 100, for whoever cannot or will not draw.
const strokes = [
  "M52 16C34 16 27 36 27 52C27 70 36 84 50 84C66 84 74 66 74 48C74 32 67 16 52 16",
  "M55 16L46 84",
  "M30 36C31 14 70 11 70 34C70 52 42 64 28 81L74 80",
  "M31 23C46 12 70 17 68 34C66 47 54 48 45 49C60 49 74 56 71 69C67 86 40 88 28 77",
  "M36 17C34 30 31 40 29 51L70 50M67 17C66 40 64 64 60 86",
  "M70 17L39 18L35 46C50 38 72 44 70 64C68 84 42 88 28 79",
  "M60 15C42 28 31 50 32 66C34 86 62 88 66 70C68 54 46 50 34 66",
  "M28 21C42 19 58 19 71 20C63 40 54 62 46 86",
  "M65 25C55 12 33 18 36 32C39 46 66 52 66 69C65 88 33 88 35 70C37 54 64 44 65 25",
  "M67 35C64 15 35 17 35 37C36 54 62 54 67 34C66 52 64 70 60 86"];

function clear_board() {
  ink.fillStyle = "#000";
  ink.fillRect(0, 0, board.width, board.height);
}

function set_pen() {
  ink.strokeStyle = "#fff";
  ink.lineWidth = 24;
  ink.lineCap = ink.lineJoin = "round";
}

function draw_digit(digit) {
  clear_board();
  set_pen();
  ink.save();
  ink.scale(board.width / 100, board.height / 100);
  ink.lineWidth *= 100 / board.width;
  ink.stroke(new Path2D(strokes[digit]));
  ink.restore();
  look();
}

/// The drawing as MNIST's images were made: its box is brought to 20 pixels, its centre of mass to the
/// middle; a pixel is the mean over its square. Null for an empty board.
function seen_on_board() {
  const { width, height } = board;
  const bytes = ink.getImageData(0, 0, width, height).data;
  const at = (x, y) => x < 0 || y < 0 || x >= width || y >= height ? 0 : bytes[4 * (y * width + x)];
  let [left, right, top, bottom, mass, mx, my] = [width, -1, height, -1, 0, 0, 0];
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) {
      const value = at(x, y);
      if (value < 32) continue;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      mass += value;
      mx += value * (x + 0.5);
      my += value * (y + 0.5);
    }
  if (right < 0) return null;
  const pitch = Math.max(right - left + 1, bottom - top + 1) / 20;  // of the board, a pixel
  const x0 = mx / mass - pitch * side / 2;
  const y0 = my / mass - pitch * side / 2;
  const samples = 8;
  const values = new Float32Array(side * side);
  for (let row = 0; row < side; ++row)
    for (let column = 0; column < side; ++column) {
      let sum = 0;
      for (let i = 0; i < samples; ++i)
        for (let j = 0; j < samples; ++j)
          sum += at(Math.floor(x0 + pitch * (column + (j + 0.5) / samples)),
                    Math.floor(y0 + pitch * (row + (i + 0.5) / samples)));
      values[row * side + column] = Math.round(sum / (samples * samples)) / 255;
    }
  return values;
}

function follow_pen() {
  let last = null;
  const place = (event) => {
    const box = board.getBoundingClientRect();
    return [(event.clientX - box.left) * board.width / box.width,
            (event.clientY - box.top) * board.height / box.height];
  };
  const line_to = (point) => {
    ink.beginPath();
    ink.moveTo(...last);
    ink.lineTo(...point);
    ink.stroke();
    last = point;
  };
  board.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    try { board.setPointerCapture(event.pointerId); } catch { /* the pen is gone already */ }
    clearTimeout(attack_timer);
    set_pen();
    last = place(event);
    line_to(last);
  });
  board.addEventListener("pointermove", (event) => {
    if (last) line_to(place(event));
  });
  for (const end of ["pointerup", "pointercancel"])
    board.addEventListener(end, () => {
      if (last) look();
      last = null;
    });
}

// ---------------------------------------------------------------- showing

const two = (number) => number.toFixed(2);
const down = (number) => (Math.floor(1000 * number) / 1000).toFixed(3);  // as the radius is shown
const epsilon = () => Number(by_id("eps").value);
const answers = () => proof !== null && proof.label >= 0 && proof.radius > epsilon();

/// The class that would be reached first: the least lead over how fast it can shrink.
function nearest() {
  return proof.classes.map((_, i) => i).filter((i) => i !== proof.top)
      .reduce((best, i) => proof.classes[i].distance < proof.classes[best].distance ? i : best);
}

function lead() {
  const others = proof.classes.filter((_, i) => i !== proof.top).map((c) => c.logit);
  return proof.classes[proof.top].logit - Math.max(...others);
}

function verdict() {
  if (!proof) return ["", "Draw a digit, or take one."];
  const eps = two(epsilon());
  if (proof.label < 0) return ["⊥", "Nothing can be proved here: two digits are too close to a tie. The network abstains."];
  const proved = `no image closer than ${proof.radius_text} to this one is anything but a ${proof.label}` +
      ` to the network. The nearest other digit is ${nearest()}.`;
  return answers()
      ? [String(proof.label), `${proof.label}. Proved: ${proved}`]
      : ["⊥", `The network abstains at ε = ${eps}: its proof does not reach so far. It is that ${proved}`];
}

function show_verdict() {
  const [label, text] = verdict();
  by_id("label").textContent = label || "\u00a0";
  by_id("label").classList.toggle("abstains", label === "⊥");
  if (by_id("answer").textContent !== text) by_id("answer").textContent = text;
  by_id("eps-text").textContent = two(epsilon());
}

function add(parent, name, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  parent.append(element);
  return element;
}

/// The image in the middle, the other digits around it, each as far as it is known to be away.
function show_ring() {
  const marks = by_id("ring-marks");
  marks.replaceChildren();
  const centre = 180, reach = 2.5, unit = 150 / reach;
  const place = (digit, distance) => {
    const angle = 2 * Math.PI * digit / 10 - Math.PI / 2;
    const length = Math.min(distance, reach) * unit;
    return [centre + length * Math.cos(angle), centre + length * Math.sin(angle)];
  };
  for (let digit = 0; digit < 10; ++digit) {
    const [x, y] = place(digit, reach);
    add(marks, "line", { class: "spoke", x1: centre, y1: centre, x2: x, y2: y });
  }
  if (proof && proof.label >= 0)
    add(marks, "circle", { class: "ball", cx: centre, cy: centre, r: Math.min(proof.radius, reach) * unit });
  add(marks, "circle", { class: "claim", cx: centre, cy: centre, r: epsilon() * unit });
  add(marks, "circle", { class: "centre", cx: centre, cy: centre, r: 3.5 });
  if (!proof) {
    by_id("ring-text").textContent = "Nothing is drawn yet.";
    return;
  }
  const closest = nearest();
  proof.classes.forEach(({ distance }, digit) => {
    if (digit === proof.top) return;
    const [x, y] = place(digit, distance);
    const state = digit === closest ? " nearest" : "";
    add(marks, "circle", { class: "dot" + state, cx: x, cy: y, r: 12 });
    add(marks, "text", { class: distance > reach ? "far" : "", x, y }, String(digit));
  });
  if (outside && outside.success) {
    const [x, y] = place(outside.other, outside.distance);
    for (const s of [-1, 1])
      add(marks, "line", { class: "cross", x1: x - 6, y1: y - 6 * s, x2: x + 6, y2: y + 6 * s });
  }
  by_id("ring-text").textContent = proof.label < 0 ? "No radius is proved." :
      `A ball of radius ${proof.radius_text} around the image; ε is ${two(epsilon())}; the nearest digit, ` +
      `${closest}, is at least ${down(proof.classes[closest].distance)} away` +
      (outside && outside.success ? `; an attack reached ${outside.other} at ${down(outside.distance)}.` : ".");
}

function show_table() {
  by_id("classes").replaceChildren(...(proof ? proof.classes : []).map(({ logit, distance }, digit) => {
    const row = document.createElement("tr");
    row.className = digit === proof.top ? "top" : "";
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = digit;
    const cells = [two(logit), digit === proof.top ? "the top class" : down(distance)].map((text) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    });
    row.append(head, ...cells);
    return row;
  }));
}

function paint(id, values, alternative, text) {
  const canvas = by_id(id);
  const pen = canvas.getContext("2d");
  canvas.setAttribute("aria-label", alternative);
  if (by_id(id + "-text")) by_id(id + "-text").textContent = text;
  pen.clearRect(0, 0, side, side);
  if (!values) return;
  const pixels = pen.createImageData(side, side);
  values.forEach((value, i) => {
    const grey = Math.round(255 * value);
    pixels.data.set([grey, grey, grey, 255], 4 * i);
  });
  pen.putImageData(pixels, 0, 0);
}

/// A point in a random direction, in the box of images and no farther than `radius`.
function with_noise(values, radius) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const noise = values.map(normal);
  const at = (t) => values.map((value, i) => Math.min(1, Math.max(0, value + t * noise[i])));
  const distance = (point) => Math.hypot(...point.map((value, i) => value - values[i]));
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; ++i) {
    const t = (low + high) / 2;
    if (distance(at(t)) < radius) low = t; else high = t;
  }
  return at(low);
}

function show_pictures() {
  const there = proof && proof.label >= 0;
  paint("seen", image, proof ? `The image: a ${proof.top} to the network` : "Nothing yet", "28 × 28 shades of grey.");
  paint("noisy", there ? with_noise(image, proof.radius) : null, there ? "The image with noise" : "Nothing yet",
        there ? `${proof.radius_text} of it in a random direction: a ${proof.label}, by proof.` : "");
  paint("attacked", null, "Nothing yet", there ? "Attacking …" : "");
  paint("across", null, "Nothing yet", "");
}

/// Both attacks, after the answer is on the screen.
function attack() {
  if (!proof || proof.label < 0) return;
  const { label, radius, radius_text } = proof;
  const best = ask("attack", label, radius);
  paint("attacked", moved(), `The image moved by the attack, within ${radius_text}`, best.success
      ? "It left the label: then the proof is wrong. Please report this image."
      : `Moved by ${down(best.distance)}, which is less than the radius: the lead shrank from ${two(lead())} to ` +
        `${two(best.margin)}, and it stays a ${label}.`);
  outside = ask("nearest", label);
  paint("across", outside.success ? moved() : null, outside.success ? `The image moved to a ${outside.other}` : "None found",
        outside.success
            ? `Moved by ${down(outside.distance)}, where ${outside.other} takes over. In between, nobody knows.`
            : "None was found.");
  show_ring();
}

function show(values) {
  clearTimeout(attack_timer);
  image = values;
  outside = null;
  proof = values && certify(values);
  show_verdict();
  show_ring();
  show_table();
  show_pictures();
  if (proof) attack_timer = setTimeout(attack, 250);
}

function look() {
  if (library) show(seen_on_board());
}

// ---------------------------------------------------------------- beginning

for (let digit = 0; digit < 10; ++digit) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = digit;
  button.setAttribute("aria-label", `Draw a ${digit}`);
  button.addEventListener("click", () => draw_digit(digit));
  by_id("digits").append(button);
}
by_id("clear").addEventListener("click", () => { clear_board(); look(); });
by_id("eps").addEventListener("input", () => { show_verdict(); show_ring(); });
clear_board();
follow_pen();
show_ring();

/// Settles when the page answers; a test waits for it.
const ready = load_certifier().then((loaded) => {
  if (loaded._gloro_image() === 0) throw new Error("the network cannot be loaded");
  library = loaded;
  look();
}).catch((problem) => {
  by_id("answer").textContent = `This browser cannot run the certifier: ${problem.message ?? problem}`;
  throw problem;
});
