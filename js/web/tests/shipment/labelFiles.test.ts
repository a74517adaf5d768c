import { expect, it } from "vitest";
import { filesOf } from "../../src/shipment/labelFiles.js";

it.each([
  [undefined, {}],
  ["/api/labels/l.pdf", { pdf: "/api/labels/l.pdf", png: "/api/labels/l.png" }],
  ["/api/labels/l.png", { png: "/api/labels/l.png" }],
  ["/api/labels/l.zpl", { other: "/api/labels/l.zpl" }],
])("%s", (url, files) => {
  expect(filesOf(url)).toEqual(files);
});
