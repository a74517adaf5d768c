/**
 * JSON merge patch (RFC 7396): how shared state changes. Objects merge key by key, `null` removes a key, everything
 * else (arrays too) is replaced whole.
 */

import type { Json } from "./json.js";
import { isObject } from "./json.js";

/** The value `target` becomes under `patch`; neither argument is changed (RFC 7396 section 2). */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  // A map, because to a plain object `__proto__` is not a key like any other.
  const members = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) members.delete(key);
    else members.set(key, mergePatch(members.get(key), value));
  }
  return Object.fromEntries(members);
}
