import { describe, expect, it } from 'vitest'
import { appOf, checkReturnUrl } from '../../../src/broker/login/return-url.ts'
import { GatehouseError } from '../../../src/errors.ts'

const publicUrl = new URL('https://gatehouse.acme.test')
const tenant = {
  id: 'acme',
  returnOrigins: ['https://app.acme.test', 'https://other-site.test', 'https://xn--mnchen-3ya.acme.test'],
}
const check = (given: string) => checkReturnUrl(given, tenant, publicUrl)

describe('an accepted return URL', () => {
  it.each([
    ['/', 'https://gatehouse.acme.test/'],
    ['/account', 'https://gatehouse.acme.test/account'],
    ['/a/../b?c=d#e', 'https://gatehouse.acme.test/b?c=d#e'],
    ['/../../account', 'https://gatehouse.acme.test/account'],
    ['/login?return_to=https://evil.test', 'https://gatehouse.acme.test/login?return_to=https://evil.test'],
    ['/%5cevil.test', 'https://gatehouse.acme.test/%5cevil.test'],
    ['/%2f%2fevil.test', 'https://gatehouse.acme.test/%2f%2fevil.test'],
    ['/%09//evil.test', 'https://gatehouse.acme.test/%09//evil.test'],
    ['/@evil.test', 'https://gatehouse.acme.test/@evil.test'],
    ['/..//evil.test', 'https://gatehouse.acme.test//evil.test'],
    ['/.//evil.test', 'https://gatehouse.acme.test//evil.test'],
    ['/javascript:alert(1)', 'https://gatehouse.acme.test/javascript:alert(1)'],
    ['https://gatehouse.acme.test', 'https://gatehouse.acme.test/'],
    ['https://gatehouse.acme.test/account', 'https://gatehouse.acme.test/account'],
    ['https://gatehouse.acme.test:443/account', 'https://gatehouse.acme.test/account'],
    ['https://app.acme.test', 'https://app.acme.test/'],
    ['https://app.acme.test/cb?x=1#y', 'https://app.acme.test/cb?x=1#y'],
    ['https://APP.Acme.TEST/cb', 'https://app.acme.test/cb'],
    ['https://app.acme.test:443/cb', 'https://app.acme.test/cb'],
    ['https://app.acme.test:0443/cb', 'https://app.acme.test/cb'],
    ['https://app.acme.test?x', 'https://app.acme.test/?x'],
    ['https://app.acme.test#x', 'https://app.acme.test/#x'],
    ['https:///app.acme.test/cb', 'https://app.acme.test/cb'],
    ['https://%61pp.acme.test/', 'https://app.acme.test/'],
    ['https://@app.acme.test/', 'https://app.acme.test/'],
    ['https://xn--mnchen-3ya.acme.test/', 'https://xn--mnchen-3ya.acme.test/'],
  ])('OP-27+ %s leads to %s', (given, address) => {
    expect(check(given)).toBe(address)
    expect(check(address)).toBe(address)
    expect([publicUrl.origin, ...tenant.returnOrigins]).toContain(new URL(check(given)).origin)
  })
})

describe('a rejected return URL', () => {
  it.each([
    '',
    ' ',
    'account',
    './account',
    '../account',
    '?x',
    '#x',
    '//',
    '///',
    '//evil.test',
    '//evil.test/account',
    '///evil.test',
    '////evil.test',
    '//app.acme.test',
    '//user@app.acme.test',
    '/\\evil.test',
    '\\/evil.test',
    '\\\\evil.test',
    '/\\/evil.test',
    '/account\\',
    'https:\\\\app.acme.test',
    'https://app.acme.test\\@evil.test',
    'https://evil.test\\@app.acme.test',
    'https:evil.test',
    'https:/evil.test',
    'https:/app.acme.test',
    'https:app.acme.test',
    'https:',
    'https://',
    'HTTPS://app.acme.test',
    '%09//evil.test',
    '%2f%2fevil.test',
    '\t//evil.test',
    '/\t/evil.test',
    '/\n/evil.test',
    '/\r\n/evil.test',
    '/\u0000/evil.test',
    '/account\u0000',
    '/account\r\nset-cookie: a=b',
    ' /account',
    '/account ',
    '/a b',
    '\u00a0//evil.test',
    '/\u2028/evil.test',
    '/é',
    '/\u007f',
    'https://evil.test',
    'https://evil.test/',
    'https://evil.test/https://app.acme.test',
    'https://evil.test?https://app.acme.test',
    'https://evil.test#https://app.acme.test',
    'https://evil.test/@app.acme.test',
    'https://app.acme.test@evil.test',
    'https://app.acme.test:443@evil.test',
    'https://app.acme.test%40evil.test',
    'https://app.acme.test%2eevil.test',
    'https://user@app.acme.test',
    'https://user:word@app.acme.test',
    'https://:word@app.acme.test',
    'https://evil.test:443@app.acme.test',
    'https://user@gatehouse.acme.test/',
    'https://app.acme.test.evil.test',
    'https://evilapp.acme.test',
    'https://acme.test',
    'https://sub.app.acme.test',
    'https://app.acme.test.',
    'https://gatehouse.acme.test.',
    'https://app.acme.test..',
    'https://app.acme.test:8443',
    'https://app.acme.test:80',
    'https://app.acme.test:99999',
    'https://app.acme.test:-443',
    'https://app.acme.test:443x',
    'http://app.acme.test',
    'http://gatehouse.acme.test/',
    'http://localhost',
    'http://localhost:3001',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'https://localhost:3000',
    'https://аpp.acme.test', // Cyrillic а
    'https://münchen.test/',
    'https://xn--pp-7kc.acme.test',
    'https://ａpp.acme.test',
    'https://app。acme.test',
    'https://app.ac\u00adme.test',
    'https://*.acme.test',
    'https://null',
    'null',
    'undefined',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'javascript://app.acme.test/%0aalert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'blob:https://app.acme.test/1',
    'file:///etc/passwd',
    'ftp://app.acme.test',
    'wss://app.acme.test',
    'view-source:https://app.acme.test',
    'intent://app.acme.test#Intent;end',
    `/${'a'.repeat(2048)}`,
    `https://app.acme.test/${'a'.repeat(100_000)}`,
  ])('OP-27 is %j', (given) => {
    expect(() => check(given)).toThrow(GatehouseError)
    try {
      check(given)
    } catch (error) {
      expect(error).toMatchObject({ code: 'return_to_refused', check: { name: 'return address', ok: false } })
      expect((error as GatehouseError).check?.expected).toContain('https://app.acme.test')
      expect((error as GatehouseError).message.length).toBeLessThan(300)
    }
  })

  it('OP-27 is one that only another tenant registered', () => {
    const other = { id: 'other', returnOrigins: ['https://other.acme.test'] }
    expect(checkReturnUrl('https://other.acme.test/', other, publicUrl)).toBe('https://other.acme.test/')
    expect(() => check('https://other.acme.test/')).toThrow('return address of tenant acme refused')
  })

  it('keeps a password in the URL out of the message', () => {
    expect(() => check('https://ann:canary-word@app.acme.test/')).not.toThrow('canary-word')
  })

  it('A3: is one of another site, and the error says how an app there signs users in', () => {
    expect(textOf(() => check('https://other-site.test/x'))).toContain('another site than https://gatehouse.acme.test')
    expect(textOf(() => check('https://other-site.test/x'))).toContain('https://gatehouse.acme.test/oauth2/auth')
  })

  it.each([
    ['https://app.acme.test/a b', 'contains a space; encode it as %20'],
    ['/a b', 'contains a space; encode it as %20'],
    ['/\u00e9', 'contains the character U+00E9; encode it as %C3%A9'],
    ['/\ud83d\ude00', 'contains the character U+1F600; encode it as %F0%9F%98%80'],
    ['/\ud83d', 'contains the character U+D83D; encode it as UTF-8'],
    ['/a\\b', 'contains a backslash; encode it as %5C'],
    ['/a\tb', 'contains a control character (U+0009)'],
  ])('X2: %j is rejected with the encoding to use, not as unregistered', (given, text) => {
    expect(textOf(() => check(given))).toContain(`The return address ${text}`)
  })
})

function textOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return error instanceof GatehouseError ? error.text : undefined
  }
  return 'nothing was thrown'
}

describe('the app that a login is for', () => {
  it.each([
    ['https://login.acme.test/consent/uid-1?app=shop', 'shop'],
    ['/consent/uid-1?app=app-0f3e', 'app-0f3e'],
    ['/consent/uid-1', undefined],
    ['/account?app=shop', undefined],
    [`/consent/uid-1?app=${'a'.repeat(101)}`, undefined],
    ['/consent/uid-1?app=%3Cscript%3E', undefined],
    ['', undefined],
  ])('of %j is %j', (returnTo, app) => {
    expect(appOf(returnTo)).toEqual(app === undefined ? {} : { app })
  })
})
