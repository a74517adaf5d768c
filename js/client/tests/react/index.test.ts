import { expect, it } from "vitest";
import * as door from "../../src/react/index.js";

it("what outsiders may call has exactly these names", () => {
  expect(Object.keys(door).sort()).toEqual(["useConnection", "useSession", "useSessions", "useWebSocket"]);
});
