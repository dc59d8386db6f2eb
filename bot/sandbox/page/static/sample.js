// A drawn forearm with a rash: a picture to send that shows nobody.

export function samplePhoto() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 720, height: 540 });
  const draw = canvas.getContext("2d");
  const cloth = draw.createLinearGradient(0, 0, 720, 540);
  cloth.addColorStop(0, "#8fb0bd");
  cloth.addColorStop(1, "#6e93a3");
  draw.fillStyle = cloth;
  draw.fillRect(0, 0, 720, 540);
  const skin = draw.createLinearGradient(0, 150, 0, 400);
  skin.addColorStop(0, "#e3b695");
  skin.addColorStop(0.5, "#efc7a8");
  skin.addColorStop(1, "#c8946f");
  draw.fillStyle = skin;
  draw.beginPath();
  draw.moveTo(0, 170);
  draw.bezierCurveTo(220, 130, 520, 190, 720, 210);
  draw.lineTo(720, 350);
  draw.bezierCurveTo(520, 390, 220, 430, 0, 400);
  draw.fill();
  for (let spot = 0; spot < 70; spot += 1) blotch(draw, spot);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
}

function blotch(draw, spot) {
  // The golden angle spreads the spots evenly without looking like a grid.
  const angle = spot * 2.39996;
  const far = Math.sqrt(spot / 70);
  const x = 350 + Math.cos(angle) * far * 250;
  const y = 285 + Math.sin(angle) * far * 88;
  const size = 7 + ((spot * 37) % 11);
  const red = draw.createRadialGradient(x, y, 1, x, y, size);
  red.addColorStop(0, "rgba(196, 52, 44, .75)");
  red.addColorStop(1, "rgba(214, 92, 74, 0)");
  draw.fillStyle = red;
  draw.beginPath();
  draw.arc(x, y, size, 0, Math.PI * 2);
  draw.fill();
}
