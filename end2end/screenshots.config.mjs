// `make screenshots`: not a test, a camera.
import config from "./playwright.config.mjs";

export default { ...config, testDir: "screenshots", outputDir: "results/screenshots", workers: 1 };
