import { describe, expect, it } from 'vitest'
import { browserOf } from '../../src/http/browser.ts'

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const android = 'Mozilla/5.0 (Linux; Android 10; K)'
const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const brand = (...names: readonly string[]) => names.map((name) => `"${name}";v="142"`).join(', ')

describe('the browser of a request', () => {
  it.each([
    ['Safari', `${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15`, 'safari'],
    ['Safari of iOS', `${iPhone} Version/18.6 Mobile/15E148 Safari/604.1`, 'safari'],
    ['Chrome of iOS', `${iPhone} CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1`, 'chrome'],
    ['Firefox of iOS', `${iPhone} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`, 'firefox'],
    ['Edge of iOS', `${iPhone} Version/18.0 EdgiOS/142.0.3595.53 Mobile/15E148 Safari/604.1`, 'edge'],
    ['Chrome', `${windows} ${webKit} Chrome/142.0.0.0 Safari/537.36`, 'chrome'],
    ['Chrome of Android', `${android} ${webKit} Chrome/142.0.0.0 Mobile Safari/537.36`, 'chrome'],
    ['Edge', `${windows} ${webKit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, 'edge'],
    ['Edge of Android', `${android} ${webKit} Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0`, 'edge'],
    ['Firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'firefox'],
    ['Opera', `${windows} ${webKit} Chrome/142.0.0.0 Safari/537.36 OPR/125.0.0.0`, undefined],
    ['Samsung Internet', `${android} ${webKit} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`, undefined],
    [
      'a web view of Android',
      `Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/BP1A; wv) ${webKit} Version/4.0 Chrome/142.0.7444.48 Mobile Safari/537.36`,
      undefined,
    ],
    ['a web view of iOS', `${iPhone} Mobile/15E148`, undefined],
    ['the browser of an app of iOS', `${iPhone} Mobile/15E148 [FBAN/FBIOS;FBAV/530.0]`, undefined],
    [
      'GNOME Web',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
      undefined,
    ],
    ['a program', 'curl/8.5.0', undefined],
    ['nothing', '', undefined],
    ['no header', undefined, undefined],
  ])('%s', (_, userAgent, expected) => {
    expect(browserOf(userAgent, undefined)).toBe(expected)
  })

  const agent = `${windows} ${webKit} Chrome/142.0.0.0 Safari/537.36`
  it.each([
    ['Chrome', brand('Chromium', 'Google Chrome', 'Not_A Brand'), 'chrome'],
    ['Edge', brand('Chromium', 'Microsoft Edge', 'Not_A Brand'), 'edge'],
    ['Brave, whose agent says Chrome', brand('Chromium', 'Brave', 'Not_A Brand'), undefined],
    ['Opera', brand('Chromium', 'Opera', 'Not_A Brand'), undefined],
    ['a web view of Android', brand('Android WebView', 'Chromium', 'Not_A Brand'), undefined],
    ['a web view of Edge', brand('Microsoft Edge WebView2', 'Chromium', 'Not_A Brand'), undefined],
    ['no list of brands', '', 'chrome'],
    ['a list without Chromium', brand('x'), 'chrome'],
  ])('by Client Hints: %s', (_, brands, expected) => {
    expect(browserOf(agent, brands)).toBe(expected)
  })

  it('is found in a long header at once', () => {
    expect(browserOf(`(Macintosh${' Version/1'.repeat(100_000)}`, '"Chromium"'.repeat(100_000))).toBeUndefined()
  })
})
