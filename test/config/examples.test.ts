/** The files in `config/` load and show every option; their schemas match the code. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { deploymentJsonSchema, schemaText, tenantJsonSchema } from '../../src/config/json-schema.ts'
import { loadConfig } from '../../src/config/load.ts'
import { loadedOf } from '../support/gatehouse/config-folder.ts'

const config = fileURLToPath(new URL('../../config', import.meta.url))
const textOf = (file: string) => readFileSync(join(config, file), 'utf8')

/** The examples under the names they are to be copied to. */
function copyOfExamples(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-examples-'))
  cpSync(config, directory, { recursive: true })
  cpSync(join(directory, 'gatehouse.example.yaml'), join(directory, 'gatehouse.yaml'))
  cpSync(join(directory, 'tenants/acme.example.yaml'), join(directory, 'tenants/acme.yaml'))
  rmSync(join(directory, 'tenants/demo.yaml'))
  return directory
}

describe('config/', () => {
  it('starts without environment variables and without warnings', async () => {
    const loaded = loadedOf(await loadConfig({ directory: config, environment: {}, providers }))
    expect(loaded.warnings).toEqual([])
    expect(loaded.tenants.map(({ id }) => id)).toEqual(['demo'])
    expect(loaded.tenants[0]?.connections.map(({ id }) => id)).toEqual([
      'okta',
      'google',
      'entra',
      'github',
      'gitlab',
      'linkedin',
      'epam',
      'password',
    ])
    expect(loaded.deployment).toMatchObject({ defaultTenant: 'demo', cookie: { secure: false } })
  })

  it('has examples that load once their secrets are set', async () => {
    const environment = {
      REDIS_URL: 'rediss://redis.internal:6379/0',
      POSTGRES_URL: 'postgres://gatehouse:pw@db.internal/gatehouse',
      GATEHOUSE_KEY: Buffer.alloc(32, 1).toString('base64'),
      SMTP_URL: 'smtps://user:pw@mail.internal:465',
      WORKFORCE_OKTA_CLIENT_SECRET: 'a',
      ACME_OKTA_CLIENT_SECRET: 'b',
      SHOP_SECRET: 'c'.repeat(32),
    }
    const loaded = loadedOf(await loadConfig({ directory: copyOfExamples(), environment, providers }))
    expect(loaded.warnings).toEqual([])
    expect(loaded.tenants[0]?.connections.map(({ id, kind }) => `${id}: ${kind}`)).toEqual([
      'okta: okta',
      'password: password',
      'email: email',
      'workforce: okta',
    ])
  })

  it.each([
    ['gatehouse.example.yaml', deploymentJsonSchema([])],
    [
      'tenants/acme.example.yaml',
      tenantJsonSchema(providers.filter(({ kind }) => kind === 'okta' || kind === 'password')),
    ],
  ])('names every option in %s', (file, schema) => {
    const text = textOf(file)
    const missing = optionsOf(schema).filter(({ key }) => !new RegExp(`^[\\s#]*${key}:`, 'm').test(text))
    expect(missing.map(({ path }) => path)).toEqual([])
  })
})

describe('the schemas for editors', () => {
  it.each([
    ['gatehouse.schema.json', deploymentJsonSchema(providers)],
    ['tenant.schema.json', tenantJsonSchema(providers)],
  ])('%s matches the code: otherwise run npm run schemas', (file, schema) => {
    expect(textOf(`schema/${file}`)).toBe(schemaText(schema))
  })

  it('describe every option, with its default or as required', () => {
    const options = [...optionsOf(deploymentJsonSchema(providers)), ...optionsOf(tenantJsonSchema(providers))]
    expect(options.length).toBeGreaterThan(40)
    expect(options.filter(({ description }) => description === undefined).map(({ path }) => path)).toEqual([])
  })

  it('list the kinds of connections and their keys', () => {
    const { definitions } = tenantJsonSchema(providers)
    const okta = isMap(definitions) && isMap(definitions['okta']) ? definitions['okta'] : {}
    expect(okta['required']).toEqual(['issuer', 'clientId'])
    expect(Object.keys(isMap(okta['properties']) ? okta['properties'] : {})).toEqual(
      expect.arrayContaining(['kind', 'issuer', 'clientId', 'domains', 'label']),
    )
  })

  it('are referenced by every YAML file', () => {
    expect(textOf('gatehouse.yaml')).toContain('$schema=schema/gatehouse.schema.json')
    expect(textOf('gatehouse.example.yaml')).toContain('$schema=schema/gatehouse.schema.json')
    expect(textOf('tenants/demo.yaml')).toContain('$schema=../schema/tenant.schema.json')
    expect(textOf('tenants/acme.example.yaml')).toContain('$schema=../schema/tenant.schema.json')
  })
})

interface Option {
  readonly key: string
  readonly path: string
  readonly description: unknown
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every property of a schema and its definitions, except connection ids. */
function optionsOf(schema: unknown, path = ''): readonly Option[] {
  if (!isMap(schema)) return []
  const properties = path === 'connections' || !isMap(schema['properties']) ? {} : schema['properties']
  const own = Object.entries(properties).flatMap(([key, option]) => {
    const below = path === '' ? key : `${path}.${key}`
    return [
      { key, path: below, description: isMap(option) ? option['description'] : undefined },
      ...optionsOf(option, below),
    ]
  })
  const definitions = isMap(schema['definitions']) ? Object.entries(schema['definitions']) : []
  return [...own, ...definitions.flatMap(([kind, definition]) => optionsOf(definition, `(${kind})`))]
}
