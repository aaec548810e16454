import { describe, expect, it } from 'vitest'
import { type AppDraft, faultsOf } from '../../../src/app/draft.ts'
import { brandNames, mistakenFor, mixesScripts } from '../../../src/broker/apps/look-alike.ts'

const taken = ['Demo server app', 'Gatehouse', 'Morning', 'login.acme.test', 'Склад', 'R2 / D2']

describe('a name that looks like another', () => {
  it.each([
    ['Gatehouse', 'Gatehouse'],
    [' gate HOUSE ', 'Gatehouse'],
    ['Gаtеhоusе', 'Gatehouse'],
    ['GATEH0USE', 'Gatehouse'],
    ['Gaté-house', 'Gatehouse'],
    ['Ｇａｔｅｈｏｕｓｅ', 'Gatehouse'],
    ['Demo\u00a0server  app!', 'Demo server app'],
    ['Moming', 'Morning'],
    ['Login Acme Test', 'login.acme.test'],
    ['1ogin.acme.test', 'login.acme.test'],
    ['СКЛАД', 'Склад'],
    ['r2d2', 'R2 / D2'],
  ])('%s: %s', (name, other) => {
    expect(mistakenFor(name, taken)).toBe(other)
  })

  it.each(['Gatehouse reports', 'Demo app', 'Shop', '…', 'Лад', '東京'])('%s: none', (name) => {
    expect(mistakenFor(name, [...taken, '!!'])).toBeUndefined()
  })
})

describe('A16: a name that imitates a brand, a tenant or an app of the operator', () => {
  it.each([
    ['Example ꓢhop', 'Example Shop'],
    ['G\u200doogle', 'Google'],
    ['Gοοgle', 'Google'],
    ['𝐆oogle', 'Google'],
    ['𝓖𝓸𝓸𝓰𝓵𝓮', 'Google'],
    ['Ｇｏｏｇｌｅ', 'Google'],
    ['Ⓖⓞⓞⓖⓛⓔ', 'Google'],
    ['🅖🅞🅞🅖🅛🅔', 'Google'],
    ['🇬🇴🇴🇬🇱🇪', 'Google'],
    ['ɢᴏᴏɢʟᴇ', 'Google'],
    ['G00gIe', 'Google'],
    ['Goog\u00adle', 'Google'],
    ['\u202eelgooG', undefined],
    ['G o o g l e', 'Google'],
    ['Google Sign-In', 'Google'],
    ['Official Google Support', 'Google'],
    ['Αррlе', 'Apple'],
    ['ꓮpple', 'Apple'],
    ['Ꭺpple', 'Apple'],
    ['Մicrosoft', undefined],
    ['Micrоsоft Login', 'Microsoft'],
    ['MlCROSOFT', 'Microsoft'],
    ['Mіcrosoft', 'Microsoft'],
    ['LinkedІn', 'LinkedIn'],
    ['Оkta', 'Okta'],
    ['0kta', 'Okta'],
    ['ЕРАМ', 'EPAM'],
    ['GіtHυb', 'GitHub'],
    ['Ꮐatehouse', 'Gatehouse'],
  ])('A16: %j is taken for %s', (name, other) => {
    expect(mistakenFor(name, [...brandNames, 'Example Shop'])).toBe(other)
  })

  it.each(['Notes for Googlers', 'Apple Orchard', 'Pineapple', 'Octave', 'Meeting Planner', 'Zoomies', 'Support Desk'])(
    'A16: %s is taken for none',
    (name) => {
      expect(mistakenFor(name, brandNames)).toBeUndefined()
    },
  )

  it.each([
    ['Example ꓢhop', true],
    ['Gοοgle', true],
    ['Мicrosoft', true],
    ['Մicrosoft', true],
    ['ΩЖ', true],
    ['Shop', false],
    ['Café Zürich', false],
    ['Склад Shop', false],
    ['Μουσική', false],
    ['Googleマップ検索', false],
    ['東京Store', false],
    ['한글Notes', false],
    ['µTorrent 2', false],
    ['متجر Shop', false],
  ])('A16: %s mixes alphabets in one word: %s', (name, mixes) => {
    expect(mixesScripts(name)).toBe(mixes)
  })

  const draft: Omit<AppDraft, 'name'> = {
    kind: 'web' as const,
    logoUri: undefined,
    redirectUris: ['https://a.test/cb'],
    postLogoutRedirectUris: [],
    backchannelLogoutUri: undefined,
    scopes: ['openid'],
  }
  it.each([
    ['spaces', '   '],
    ['wide spaces', '\u3000\u2003'],
    ['a Braille blank', '\u2800'],
    ['a Hangul filler', '\u3164'],
    ['marks', '\u0301\u0301'],
    ['signs', '!?'],
    ['a joiner inside', 'G\u200doogle'],
    ['a right-to-left override', '\u202eelgooG'],
    ['an isolate', 'Shop\u2066evil'],
    ['a soft hyphen', 'Goo\u00adgle'],
    ['a variation selector', 'Goo\ufe0fgle'],
    ['a tag character', 'Shop\u{e0041}'],
    ['a line break', 'Shop\nevil'],
  ])('A16: a name is refused that is made of, or has, %s', (_what, name) => {
    expect(faultsOf({ ...draft, name }, ['openid'])).toEqual([expect.objectContaining({ field: 'name' })])
  })

  it.each(['Shop', '東京', '❤️ Notes', 'Größe 7'])('A16: %s is a name', (name) => {
    expect(faultsOf({ ...draft, name }, ['openid'])).toEqual([])
  })
})
