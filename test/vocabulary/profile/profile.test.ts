import { describe, expect, it } from 'vitest'
import { mergeProfile } from '../../../src/profile/merge.ts'
import {
  canonicalEmail,
  domainOf,
  groupsOf,
  listOf,
  maxGroups,
  maxTextLength,
  pictureUrlOf,
  textOf,
} from '../../../src/profile/profile.ts'

const label = (value: unknown) => JSON.stringify(value)?.slice(0, 70) ?? String(value)

describe('the canonical form of an email', () => {
  const same: readonly (readonly [string, string])[] = [
    ['ann@acme.test', 'ann@acme.test'],
    ['Ann@ACME.test', 'ann@acme.test'],
    ['ANN@ACME.TEST', 'ann@acme.test'],
    ['ann.lee@acme.test', 'ann.lee@acme.test'],
    ['ann+news@acme.test', 'ann+news@acme.test'],
    ['a@a-b.co.test', 'a@a-b.co.test'],
    ["o'hara@acme.test", "o'hara@acme.test"],
    ['!#$%&*+/=?^_`{|}~-@acme.test', '!#$%&*+/=?^_`{|}~-@acme.test'],
    [`${'a'.repeat(64)}@acme.test`, `${'a'.repeat(64)}@acme.test`],
    ['1@2.3.test', '1@2.3.test'],
    // E6: internationalized domains are compared as A-labels, local parts in NFC
    ['ann@münchen.test', 'ann@xn--mnchen-3ya.test'],
    ['ann@MÜNCHEN.test', 'ann@xn--mnchen-3ya.test'],
    ['ann@mu\u0308nchen.test', 'ann@xn--mnchen-3ya.test'],
    ['ann@XN--mnchen-3ya.test', 'ann@xn--mnchen-3ya.test'],
    ['ann@mail.xn--mnchen-3ya.test', 'ann@mail.xn--mnchen-3ya.test'],
    ['ann@acme.рф', 'ann@acme.xn--p1ai'],
    ['info@例え.jp', 'info@xn--r8jz45g.jp'],
    ['Jürgen@acme.test', 'jürgen@acme.test'],
    ['ju\u0308rgen@acme.test', 'jürgen@acme.test'],
    ['чебурашка@пример.рф', 'чебурашка@xn--e1afmkfd.xn--p1ai'],
    ['用户1@例え.jp', '用户1@xn--r8jz45g.jp'],
    ["seán.o'neill+x@acme.test", "seán.o'neill+x@acme.test"],
  ]
  it.each(same.map(([given, form]) => [label(given), given, form] as const))(
    'ID-05+ of %s is one',
    (_, given, form) => {
      expect(canonicalEmail(given)).toBe(form)
      expect(canonicalEmail(form)).toBe(form)
    },
  )

  it('ID-05+ keeps plus tags and dots apart: they are other mailboxes', () => {
    const forms = ['annlee@acme.test', 'ann.lee@acme.test', 'annlee+x@acme.test'].map(canonicalEmail)
    expect(new Set(forms).size).toBe(3)
  })

  const refused: readonly unknown[] = [
    '',
    ' ',
    'ann',
    'ann@',
    '@acme.test',
    'ann@acme',
    'ann@localhost',
    'ann@@acme.test',
    'ann@evil.test@acme.test',
    'ann@acme.test@evil.test',
    ' ann@acme.test',
    'ann@acme.test ',
    'ann @acme.test',
    'ann@ acme.test',
    'ann@acme.test.',
    'ann@acme..test',
    'ann@.acme.test',
    'ann@-acme.test',
    'ann@acme-.test',
    '.ann@acme.test',
    'ann.@acme.test',
    'an..n@acme.test',
    '"ann"@acme.test',
    '"ann@evil.test"@acme.test',
    'ann(comment)@acme.test',
    'Ann <ann@acme.test>',
    'ann@acme.test,bob@acme.test',
    'ann@acme.test;bob@acme.test',
    'ann@acme.test\u0000',
    'ann\u0000@acme.test',
    'ann@acme.test\r\nBcc: bob@evil.test',
    'ann@acme.test\n',
    'ann\t@acme.test',
    'аnn@acme.test', // Cyrillic а
    'ann@аcme.test',
    'ann@ac\u212ae.test', // Kelvin sign: its lower case is k
    'mi\u212ae@acme.test',
    'ann@a\u017fme.test', // long s
    'ann@ACME.TE\u017fT',
    '\u0130nn@acme.test', // dotted capital I
    'ann@ａcme.test', // full width
    'ann@acme。test', // ideographic full stop
    'ann@xn--mail-x.test', // no A-label
    'ann@xn--cme-5cd.test', // Cyrillic and Latin letters in one label
    'ann@xn--acme-.test',
    'j\u{1d41a}n@acme.test', // mathematical bold a
    'ann\u0660\u200e@acme.test',
    '\u0430nn@münchen.test',
    'an\u200bn@acme.test',
    'ann@\u202eacme.test',
    'ann@[127.0.0.1]',
    'ann@127.0.0.1',
    'ann@acme.1',
    'ann%40acme.test',
    'mailto:ann@acme.test',
    'ann@acme.test?subject=x',
    'ann@acme_co.test',
    `${'a'.repeat(65)}@acme.test`,
    `ann@${'a'.repeat(64)}.test`,
    `ann@${'a.'.repeat(200)}test`,
    'a'.repeat(200_000),
    `${'a@'.repeat(127)}`,
    undefined,
    null,
    7,
    true,
    ['ann@acme.test'],
    { address: 'ann@acme.test' },
    Object('ann@acme.test'),
  ]
  it.each(refused.map((given) => [label(given), given] as const))('ID-05 refuses %s', (_, given) => {
    expect(canonicalEmail(given)).toBeNull()
  })

  it('names the domain after the last @', () => {
    expect(domainOf('ann@acme.test')).toBe('acme.test')
    expect(domainOf('a@b@acme.test')).toBe('acme.test')
  })
})

describe('a text attribute', () => {
  it.each([
    ['Ann Lee', 'Ann Lee'],
    ['  Ann  ', 'Ann'],
    ['Zoë', 'Zoë'],
    ['Zoe\u0308', 'Zoë'], // composed
    ['Ann\u0000Lee', 'AnnLee'],
    ['Ann\r\nLee', 'AnnLee'],
    ['\u001b[31mAnn', '[31mAnn'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['\u2066Ann\u2069', 'Ann'],
    ['A\u061cnn', 'Ann'],
    ['A\u200bn\u200dn\ufeff', 'Ann'],
    ['A\u00adn\u034fn', 'Ann'],
    ['\u3164Ann\u115f', 'Ann'], // Hangul fillers
    ['A\u{e0061}nn', 'Ann'], // tag characters
    ['Ann\u2028Lee', 'AnnLee'],
    ['Ann \ud800', 'Ann \ufffd'],
    ['葛飾 🜁', '葛飾 🜁'],
    ['__proto__', '__proto__'],
    ['<b>Ann</b>', '<b>Ann</b>'], // escaped where it is shown
  ])('ID-06+ %j becomes %j', (given, text) => {
    expect(textOf(given)).toBe(text)
    expect(textOf(text)).toBe(text)
  })

  it.each([
    ['', ' ', '\u0000', '\u200b\u202e', '\ufeff ', undefined, null, 0, 7, true, {}, [], ['Ann'], { toString: 1 }],
  ])('ID-06 is none for nothing, nothing visible, or another type', (...given) => {
    for (const value of given) expect(textOf(value)).toBeUndefined()
  })

  it('ID-06 is cut at 256 characters, never inside one', () => {
    expect(textOf('a'.repeat(200_000))).toBe('a'.repeat(maxTextLength))
    expect(textOf('🜁'.repeat(1000))).toBe('🜁'.repeat(maxTextLength))
    expect(textOf(`${'a'.repeat(255)} b`)).toBe('a'.repeat(255))
    const cutInHalf = textOf(`${'\u200b'.repeat(1023)}🜁`)
    expect(cutInHalf?.isWellFormed()).toBe(true)
  })
})

describe('groups', () => {
  it('ID-06 are unique, in order, and at most 1000', () => {
    expect(groupsOf(['b', 'a', 'b', ' a '])).toEqual(['b', 'a'])
    const many = Array.from({ length: 10_000 }, (_, index) => `group ${index}`)
    expect(groupsOf(many)).toEqual(many.slice(0, maxGroups))
  })

  it('ID-06+ keep texts, integers and those of an inner list, and leave the rest', () => {
    expect(groupsOf(['a', 7, 1.5, null, { name: 'b' }, ['c'], '', '\u200b', '__proto__'])).toEqual([
      'a',
      '7',
      'c',
      '__proto__',
    ])
    expect(groupsOf([{ name: 'b' }])).toBeUndefined()
    expect(groupsOf(['x'.repeat(10_000)])).toEqual(['x'.repeat(maxTextLength)])
  })

  it('an empty list says "no groups", everything that is no list says nothing', () => {
    expect(groupsOf([])).toEqual([])
    for (const given of [undefined, null, 'admin', 7, { 0: 'admin', length: 1 }, new Set(['admin'])])
      expect(groupsOf(given)).toBeUndefined()
  })

  it('ID-06+ ignore a list nested 500 levels deep', () => {
    let deep: unknown = 'a'
    for (let depth = 0; depth < 500; depth++) deep = [deep]
    expect(groupsOf(deep)).toEqual([])
  })
})

describe('a list in another form', () => {
  it.each([
    [
      'a map from each name to its organizations',
      { admins: { 17: 'acme.test' }, users: { 17: 'acme.test', 18: 'b.test' } },
    ],
    ['a map by number', { 0: 'admins', 4: 'users' }],
    ['a JSON list in a text', '["admins","users"]'],
  ])('%s is read', (_, given) => {
    expect(listOf(given)).toEqual(['admins', 'users'])
  })

  it.each([
    { roles: ['admins'] },
    { admins: { active: false } },
    { admins: {} },
    { admins: { 17: 'acme.test' }, users: { 17: null } },
    { admins: { 17: 'acme.test' }, users: ['ann'] },
    { admins: 'acme.test' },
    {},
  ])('ID-07 the keys of %j are no names', (given) => {
    expect(groupsOf(listOf(given))).toBeUndefined()
  })
})

describe('a picture address', () => {
  it.each(['https://pictures.test/ann.png', 'https://pictures.test:8443/a?b=c#d'])('%s is kept', (address) => {
    expect(pictureUrlOf(address)).toBe(address)
  })

  it.each([
    'http://pictures.test/ann.png',
    'javascript:alert(1)',
    'data:image/svg+xml,<svg onload=alert(1)>',
    'blob:https://pictures.test/1',
    'file:///etc/passwd',
    '//pictures.test/ann.png',
    '/ann.png',
    'https://user@pictures.test/',
    'https://user:word@pictures.test/',
    'https://',
    '',
    `https://pictures.test/${'a'.repeat(2048)}`,
    7,
    null,
    undefined,
    ['https://pictures.test/ann.png'],
    new URL('https://pictures.test/ann.png'),
  ])('ID-06 refuses %s', (given) => {
    expect(pictureUrlOf(given)).toBeUndefined()
  })

  it('ID-06 comes out with markup and line breaks encoded', () => {
    expect(pictureUrlOf('https://pictures.test/"><script>\n')).toBe('https://pictures.test/%22%3E%3Cscript%3E')
  })
})

describe('a newer profile over an older', () => {
  it('replaces its members, and keeps those that it leaves out', () => {
    const older = { name: 'Ann', locale: 'en', groups: ['a'], email: { address: 'a@acme.test', verified: true } }
    const stated = { name: 'okta', locale: 'okta', groups: 'okta', email: 'okta' }
    const known = { ...older, sources: stated }
    expect(mergeProfile(known, {}, { connection: 'okta' })).toEqual(known)
    const newer = { name: 'Ann Lee', groups: [] }
    expect(mergeProfile(known, newer, { connection: 'okta' })).toEqual({ ...known, ...newer })
  })
})
