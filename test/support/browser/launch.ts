/** Debian's Chromium without a user interface: it needs half the time of the whole browser. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserServer, chromium, type LaunchOptions } from 'playwright-core'

const executablePath = '/usr/bin/chromium-headless-shell'

export function launchBrowser(): Promise<Browser> {
  return chromium.launch(launchOptions())
}

/** For several processes: each connection has contexts of its own. */
export function launchBrowserServer(): Promise<BrowserServer> {
  // vitest stops it, after Ctrl-C as well
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
  return chromium.launchServer({ ...launchOptions(), ...signals, host: '127.0.0.1' })
}

function launchOptions(): LaunchOptions {
  if (!existsSync(executablePath))
    throw new Error(`${executablePath} is missing: apt-get install chromium-headless-shell`)
  return {
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // pages run little JavaScript: to optimize it takes longer than it saves
      '--js-flags=--single-threaded --no-turbofan --no-maglev --always-sparkplug',
    ],
  }
}
