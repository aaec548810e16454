// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of YAML are no templates
/** Forms of store addresses, mail servers and variables that other products accept. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withEnvFile } from '../../../src/config/source/env-file.ts'
import { readPostgresUrl } from '../../../src/primitives/postgres-url.ts'
import { readRedisUrl } from '../../../src/primitives/redis-url.ts'
import { gatehouse, gatehouseFaults } from '../../support/gatehouse/config-folder.ts'

describe('a PostgreSQL URL', () => {
  it.each([
    ['ssl=require', 'require'],
    ['ssl=verify-full', 'verify-full'],
    ['ssl=prefer', 'prefer'],
    ['ssl=on', 'require'],
    ['ssl=True', 'require'],
    ['ssl=false', 'disable'],
    ['sslmode=Require', 'require'],
    ['ssl=true&sslmode=verify-full', 'verify-full'],
    ['ssl=', 'disable'],
  ])('B12: asks with %s for sslmode %s', (query, sslMode) => {
    expect(readPostgresUrl(`postgres://a:b@h/d?${query}`)).toMatchObject({ ok: true, address: { sslMode } })
  })

  it.each(['ssl={"rejectUnauthorized":false}', 'ssl=maybe', 'sslmode=on'])('B12: is refused with %s', (query) => {
    expect(readPostgresUrl(`postgres://a:b@h/d?${query}`)).toMatchObject({
      ok: false,
      wrong: expect.stringMatching(/unknown ssl/),
    })
  })

  it.each(['pool_max_conns=10', 'prepared_statements=false', 'socket_timeout=3', 'supa=base-pooler.x', 'max=5'])(
    'B10: may have %s of another client',
    (query) => {
      expect(readPostgresUrl(`postgres://a:b@h/d?${query}`)).toMatchObject({ ok: true })
    },
  )
})

describe('a Redis URL', () => {
  it.each(['cluster=1', 'cluster=True'])('B12: names a cluster with %s', (query) => {
    expect(readRedisUrl(`redis://h?${query}`)).toMatchObject({ ok: true, address: { cluster: true } })
  })

  it('B10: may end with a slash', () => {
    expect(readRedisUrl('redis://h:6379/2/')).toMatchObject({ ok: true, address: { database: 2 } })
  })

  it.each(['decode_responses=True', 'max_connections=10', 'dial_timeout=1s', 'maxRetriesPerRequest=3'])(
    'B10: may have %s of another client',
    (query) => {
      expect(readRedisUrl(`redis://h?${query}`)).toMatchObject({ ok: true })
    },
  )
})

describe('a mail server', () => {
  const faultsOf = (url: string) =>
    gatehouseFaults('publicUrl: https://login.example.com\nmail: { smtp: "${S}" }\n', { S: url })

  it.each(['smtp://user@example.com:pw@mail.example:587', 'smtp://[::1]:25', 'smtp://u:p%2Fw@mail.example'])(
    'B10: may be %s',
    async (url) => {
      expect(await faultsOf(url)).toEqual([])
    },
  )

  it.each(['/', '#', '?'])('B11: with %s in its password gets the reason', async (sign) => {
    const faults = await faultsOf(`smtp://u:CANARY${sign}1@mail.example:587`)
    expect(faults).toEqual([expect.stringContaining('needs percent-encoding')])
    expect(faults.join()).not.toContain('CANARY')
  })

  it('B9: with a stray % in its password is refused at start', async () => {
    expect(await faultsOf('smtp://u:p%ss@mail.example')).toEqual([
      expect.stringContaining('a % that is not followed by two hexadecimal digits'),
    ])
  })
})

describe('variables', () => {
  it.each<[string, Uint8Array]>([
    ['a byte order mark', Buffer.from('\ufeffFIRST=ä\nSECOND=2\n')],
    ['UTF-16, as PowerShell saves it', Buffer.from('\ufeffFIRST=ä\r\nSECOND=2\r\n', 'utf16le')],
  ])('B13: are read from .env with %s', (_, content) => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-env-'))
    writeFileSync(join(folder, '.env'), content)
    expect(withEnvFile(folder, {})).toEqual({ FIRST: 'ä', SECOND: '2' })
  })

  it.each([
    ['listen: { port: "${V}" }', ' 8080 '],
    ['mail: { directory: var/mail }\nlisten: { trustProxy: "${V}" }', '1\n'],
  ])('B13: as numbers may have spaces around: %s', async (line, value) => {
    const faults = await gatehouseFaults(`publicUrl: https://login.example.com\n${line}\n`, { V: value })
    expect(faults.filter((fault) => fault.includes('must be a number'))).toEqual([])
  })

  it('B11: inside a default are refused, not taken as text', async () => {
    const faults = await gatehouseFaults(`${gatehouse}listen: { host: "\${A:-\${B}}" }\n`, { B: '::1' })
    expect(faults).toEqual([expect.stringContaining('a ${ has to be ${NAME} or ${NAME:-default}')])
  })
})
