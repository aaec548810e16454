/** Values and files as people copy them: spaces, quotes, line ends. */
import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { reportOf } from '../../../src/config/check.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { withEnvFile } from '../../../src/config/source/env-file.ts'
import {
  gatehouse,
  gatehouseFaults,
  load,
  okta,
  tenant,
  tenantFaults,
  writeFolder,
} from '../../support/gatehouse/config-folder.ts'

const variable = (name: string) => `$\{${name}}`

describe('a file with lone carriage returns as line ends', () => {
  it('is read as with any others, each fault at its line', async () => {
    const files = { 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': okta() }
    const old = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll('\n', '\r')]))
    expect((await load(old)).faults).toEqual([])
    const misspelled = okta().replace('clientId', 'clientIdd').replaceAll('\n', '\r')
    expect(await tenantFaults(misspelled)).toEqual([
      expect.stringMatching(/^tenants\/acme\.yaml:6:5: connections\.okta\.clientIdd: unknown key clientIdd/),
    ])
  })

  it('may be .env, or hold a value', async () => {
    const files = {
      'gatehouse.yaml': `${gatehouse}keys:\n  - ${variable('FIRST')}\n  - file:second\n`,
      'tenants/acme.yaml': tenant('acme'),
      '.env': `OTHER=x\rFIRST=${Buffer.alloc(32, 1).toString('base64')}\r`,
      second: `${Buffer.alloc(32, 2).toString('base64')}\r`,
    }
    const directory = writeFolder(files)
    const environment = withEnvFile(directory, {})
    expect(reportOf(await loadConfig({ directory, environment, providers })).text).toContain('no faults')
  })
})

describe('a copied value', () => {
  it.each([
    ['" https://acme.okta.com"', 'space'],
    ['"https://acme.okta.com\\u00a0"', 'space'],
    [`"'https://acme.okta.com'"`, 'quotation mark'],
    ['“https://acme.okta.com”', 'quotation mark'],
  ])('%s as the issuer is a fault with its place and the fix', async (issuer, cause) => {
    const [fault, ...others] = await tenantFaults(okta(issuer))
    expect(fault).toMatch(new RegExp(`^tenants/acme.yaml:5:5: connections.okta.issuer: .*${cause}.*: remove it$`))
    expect(others).toEqual([])
  })

  it.each([
    ['mail', 'smtp', '"smtp://user:canary@mail.test:587"', '; it is in quotes: remove them'],
    ['mail', 'smtp', 'SMTP_URL=smtp://user:canary@mail.test', '; it begins with a name and =: give the value alone'],
    ['storage', 'postgres', '"postgres://u:canary@db/x"', ': is in quotes: remove them'],
    ['storage', 'postgres', '“postgres://u:canary@db/x”', ': is in quotes: remove them'],
    ['storage', 'postgres', 'postgres://u:canary@db/x"', ': ends with a quotation mark: remove it'],
    ['storage', 'redis', "'redis://:canary@db/0'", ': is in quotes: remove them'],
    ['outbound', 'proxy', '"http://proxy.test:3128"', '; it is in quotes: remove them'],
  ])(
    'as %s.%s from the environment, %s is a fault with its place and the fix, and is not quoted',
    async (section, key, value, fix) => {
      const text = `publicUrl: https://login.example.com\n${section}:\n  ${key}: ${variable('VALUE')}\n`
      const faults = await gatehouseFaults(text, { VALUE: value })
      expect(faults.filter((fault) => fault.includes('quot') || fault.includes('name and ='))).toEqual([
        expect.stringContaining(fix),
      ])
      expect(faults.join('\n')).toContain(`gatehouse.yaml:3:3: ${section}.${key}: `)
      expect(faults.join()).not.toContain('canary')
    },
  )

  it('that is the URL of a server may have spaces around it, which are dropped', async () => {
    const text = `${gatehouse}keys: [file:key]\nstorage:\n  postgres: ${variable('POSTGRES')}\n  redis: ${variable('REDIS')}\n`
    const environment = { POSTGRES: ' postgres://u:p@db/x ', REDIS: ' redis://:p@db/0 ' }
    const key = Buffer.alloc(32, 1).toString('base64')
    const { faults, warnings } = await load(
      { 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme'), key },
      environment,
    )
    expect([faults, warnings]).toEqual([[], []])
  })

  it('of a client ID in quotes is a fault', async () => {
    const text = okta().replace("clientId: '1'", `clientId: ${variable('ACME_ID')}`)
    const environment = { ACME_OKTA_CLIENT_SECRET: 'from-the-environment', ACME_ID: '"0oa1"' }
    expect(await tenantFaults(text, environment)).toEqual([
      'tenants/acme.yaml:6:5: connections.okta.clientId: is in quotes: remove them',
    ])
  })
})
