import { useState } from "react";
import type { Step } from "./steps.js";

/** The step that this device has open where it is not the parcel's own, and how it is kept. */
export function useKeptStep(): [Step | undefined, (step: Step | undefined) => void] {
  return useState<Step>();
}
