// Uses the page of proofs as a visitor does, and holds its answers against `proofs`, which write_proofs made;
// what is found becomes attributes of the document, for proofs_in_browser.sh to read.
"use strict";

// Both radii are proved, so neither is wrong, but they need not be the same number: constants are
// bounded from estimates that round in another order. See docs/soundness.md, "In a browser".
const relative_difference = 1e-10;

const found = (fact, value) => document.documentElement.setAttribute("data-" + fact, value);
const until = async (holds) => {
  for (let i = 0; i < 600 && !holds(); ++i) await new Promise((done) => setTimeout(done, 100));
  return holds();
};
const distance = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]));
const text = (id) => document.getElementById(id).textContent;

function compare_proofs() {
  let labels = 0, radii = 0, worst = 0;
  for (const { bytes, label, radius } of proofs) {
    const answer = certify(Float32Array.from(bytes, (byte) => byte / 255));
    const difference = Math.abs(answer.radius - radius) / radius;
    labels += answer.label === label;
    radii += difference <= relative_difference;
    if (!(difference <= worst)) worst = difference;
  }
  found("worst", worst);
  found("count", proofs.length);
  found("labels", proofs.length > 0 && labels === proofs.length);
  found("radii", proofs.length > 0 && radii === proofs.length);
}

function draw_a_line() {
  const box = board.getBoundingClientRect();
  const pen = (type, y) => board.dispatchEvent(new PointerEvent(type, {
    pointerId: 1, button: 0, bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height * y }));
  document.getElementById("clear").click();
  found("cleared", proof === null && text("answer").startsWith("Draw"));
  pen("pointerdown", 0.2);
  for (let y = 0.2; y < 0.8; y += 0.02) pen("pointermove", y);
  pen("pointerup", 0.8);
  found("drawn", text("label") === "1" && text("answer").startsWith("1. Proved: no image closer than "));
  found("line", text("answer"));
}

function press_digits() {
  const buttons = [...document.querySelectorAll("#digits button")];
  found("digits", buttons.length === 10 && buttons.every((button, digit) => {
    button.click();
    return text("label") === String(digit) && proof.label === digit && proof.radius > 0.3;
  }));
}

function slide(to) {
  const slider = document.getElementById("eps");
  slider.value = to;
  slider.dispatchEvent(new Event("input"));
}

function abstain() {
  slide(2);
  const does = text("label") === "⊥" && text("answer").startsWith("The network abstains at ε = 2.00");
  slide(0);
  found("abstains", does && text("label") === String(proof.label));
  slide(0.3);
}

async function wait_for_attack() {
  draw_digit(7);
  const { label, radius } = proof;
  found("attacked", await until(() => text("attacked-text").endsWith(`it stays a ${label}.`)));
  found("across", outside.success && outside.distance > radius && outside.other !== label &&
      document.querySelectorAll("#ring .cross").length === 2);
  // What the attack reports, by our own sums and by a certificate of its own.
  const best = ask("attack", label, radius);
  const point = moved();
  const there = certify(point);
  certify(image);
  found("inside", !best.success && distance(point, image) < radius && distance(point, image) > 0.9 * radius &&
      point.every((value) => value >= 0 && value <= 1) && [label, -1].includes(there.label));
}

function look_at_it() {
  const circle = document.querySelector("#ring .ball").getBoundingClientRect();
  const ring = document.getElementById("ring").getBoundingClientRect();
  found("ring", Math.abs(circle.width / ring.width - 2 * proof.radius * 60 / 328) < 0.02);
  const pictures = ["seen", "noisy", "attacked", "across"].map((id) => {
    const canvas = document.getElementById(id);
    const bytes = canvas.getContext("2d").getImageData(0, 0, 28, 28).data;
    return Float32Array.from({ length: 784 }, (_, i) => bytes[4 * i] / 255);
  });
  const [seen, noisy, attacked, across] = pictures;
  const rounding = Math.sqrt(784) / 255;  // two pictures of bytes
  found("pictures", distance(seen, image) < rounding && [noisy, attacked].every((picture) =>
      Math.abs(distance(seen, picture) - proof.radius) < rounding + 0.1 * proof.radius) &&
      distance(seen, across) > proof.radius - rounding);
  found("readable", document.querySelector("#answer[role=status][aria-live=polite]") !== null &&
      text("ring-text").includes(proof.radius_text) &&
      [...document.querySelectorAll("canvas, button")].every((e) => e.getAttribute("aria-label") || e.textContent.trim()) &&
      document.querySelectorAll("#classes th[scope=row]").length === 10);
  found("inputs", [...document.querySelectorAll("input")].every((e) => e.labels.length === 1));
}

ready.then(async () => {
  compare_proofs();
  draw_a_line();
  press_digits();
  abstain();
  await wait_for_attack();
  look_at_it();
  found("fits", document.documentElement.scrollWidth <= innerWidth);
  found("done", true);
});
