/** Names the device of a session from its User-Agent, such as "Chrome on Linux". */
import { BoundedMap } from '../primitives/bounded-map.ts'

const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/\bcurl\//, 'curl'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]

/** Few browsers send most requests. */
const known = new BoundedMap<string, string>(200)

export function deviceOf(userAgent: string | undefined): string {
  const text = userAgent?.slice(0, 512) ?? ''
  const before = known.get(text)
  if (before !== undefined) return before
  const device = describe(text)
  // a copy: a part of a string keeps the whole in memory
  known.set(Buffer.from(text).toString(), device)
  return device
}

function describe(text: string): string {
  const browser = browsers.find(([pattern]) => pattern.test(text))?.[1]
  const system = systems.find(([pattern]) => pattern.test(text))?.[1]
  if (browser === undefined) return system === undefined ? 'A program' : `An app on ${system}`
  return system === undefined ? browser : `${browser} on ${system}`
}
