/** Files of the configuration as editors save and name them, and settings of the mail server. */
import { describe, expect, it } from 'vitest'
import { gatehouse, load } from '../support/gatehouse/config-folder.ts'

describe('B9 B11 X6 a configuration file', () => {
  const yaml = 'tenant: acme\nname: Müller\nconnections:\n  password: {}\n'
  const withTenant = (content: string | Uint8Array) =>
    load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': content })

  it.each<[string, string | Uint8Array]>([
    ['a byte order mark', `\uFEFF${yaml}`],
    ['CRLF', yaml.replaceAll('\n', '\r\n')],
    ['UTF-16 with a byte order mark, as Windows saves it', Buffer.from(`\uFEFF${yaml}`, 'utf16le')],
  ])('is read with %s', async (_, content) => {
    expect((await withTenant(content)).faults).toEqual([])
  })

  it.each<[string, string | Uint8Array, string]>([
    [
      'UTF-16 without a byte order mark',
      Buffer.from(yaml.replace('ü', 'u'), 'utf16le'),
      'holds NUL characters, as UTF-16 does',
    ],
    ['ISO-8859-1', Buffer.from(yaml, 'latin1'), 'cannot be read: it is not UTF-8 text'],
    ['no-break spaces', yaml.replace('  password', '\u00a0\u00a0password'), 'indents line 4 by a no-break space'],
    ['tabs', yaml.replace('  password', '\tpassword'), ':4:1: tabs do not indent in YAML: use spaces'],
  ])('in %s is reported as such', async (_, content, expected) => {
    expect((await withTenant(content)).faults).toEqual([expect.stringContaining(expected)])
  })

  it.each(['gatehouse.yml', 'Gatehouse.yaml', 'gatehouse.yaml.txt'])('named %s gets a hint', async (name) => {
    const { faults } = await load({ [name]: gatehouse, 'tenants/acme.yaml': yaml })
    expect(faults).toEqual([expect.stringContaining(`${name} is there: call it gatehouse.yaml`)])
  })

  it.each([
    ['smtps://mail.test:587', 'for 587 use smtp://'],
    ['smtp://mail.test:465', 'port 465 begins with TLS: use smtps://'],
  ])('warns of %s', async (smtp, expected) => {
    const { warnings } = await load({
      'gatehouse.yaml': `publicUrl: https://login.example.com\nmail:\n  smtp: ${smtp}\n`,
      'tenants/acme.yaml': yaml,
    })
    expect(warnings).toContainEqual(expect.stringContaining(expected))
  })
})
