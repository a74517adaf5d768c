import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const AN_ARGUMENT = "Time and random numbers are arguments here: see src/ports.ts.";

export default defineConfig(
  { ignores: ["dist/"] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.tests.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["src/**"],
    rules: {
      "no-restricted-globals": ["error", { name: "Date", message: AN_ARGUMENT }],
      "no-restricted-properties": ["error", { object: "Math", property: "random", message: AN_ARGUMENT }],
      "no-restricted-imports": ["error", { patterns: [{ regex: "^[^.]|^\\.\\.", message: "src leans on nothing." }] }],
    },
  },
  {
    files: ["src/browser/**"],
    rules: {
      "no-restricted-globals": "off",
      "no-restricted-properties": "off",
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^[^.]|^\\.\\./\\.\\.|react", message: "Only the core is below." }] },
      ],
    },
  },
  {
    files: ["src/react/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^(?!react$)[^.]|^\\.\\./\\.\\.", message: "Only React and the package are below." }] },
      ],
    },
  },
);
