import { defineConfig, devices } from "@playwright/test";

/** Debian's own browser; Playwright's download is not wanted. */
const executablePath = process.env.UNDERHOOD_CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "e2e",
  fullyParallel: false,
  workers: 2,
  forbidOnly: true,
  reporter: "list",
  timeout: 60_000,
  expect: { timeout: 20_000 },
  outputDir: "node_modules/.e2e",
  use: {
    ...devices["Desktop Chrome"],
    // What one test has read is not to answer another; tests of it allow them.
    serviceWorkers: "block",
    actionTimeout: 10_000,
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      executablePath,
      args: [
        // The browser's own sandbox does not start as root, and it visits only our own pages here.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
