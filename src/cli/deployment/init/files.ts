/** The files that `gatehouse init` writes, as texts. */
import { prefixOf } from '../../../config/source/tenant-bounds.ts'
import { type BrandTemplate, brandTemplates, type FilledKey } from './brands.ts'

export interface NewConfiguration {
  readonly tenant: string
  /** Ids of the connections, which are kinds too. */
  readonly kinds: readonly string[]
  readonly publicUrl: URL
  /** Values and addresses of the emulators. */
  readonly emulators: boolean
  /** Folder of the database and emails, relative to the working directory of `serve`. */
  readonly dataFolder: string
  /** A key of the key ring. */
  readonly key: string
}

export interface NewFile {
  /** Relative to the configuration folder. */
  readonly path: string
  readonly text: string
  /** Holds secrets: readable only by its owner. */
  readonly isSecret?: boolean
  /** Left out where it exists. */
  readonly isOptional?: boolean
}

const reference = (name: string) => ['$', '{', name, '}'].join('')
const keyVariable = 'GATEHOUSE_KEY'

/** Quoted where YAML could read it otherwise. A JSON text is YAML. */
const yamlText = (text: string) => (/^[\w./-]+$/.test(text) ? text : JSON.stringify(text.replaceAll('${', '$${')))

/** `ACME_OKTA_CLIENT_ID` for the key `clientId` of acme's connection okta. */
export function variableOf(tenant: string, kind: string, key: string): string {
  const words = key.replace(/[A-Z]/g, (capital) => `_${capital}`)
  return `${prefixOf(tenant)}${kind}_${words}`.toUpperCase()
}

export function newFiles(wanted: NewConfiguration): readonly NewFile[] {
  return [
    { path: 'gatehouse.yaml', text: deploymentText(wanted) },
    { path: `tenants/${wanted.tenant}.yaml`, text: tenantText(wanted) },
    { path: '.env', text: environmentText(wanted, true), isSecret: true },
    { path: '.env.example', text: environmentText(wanted, false) },
    { path: '.gitignore', text: '.env\n', isOptional: true },
  ]
}

/** Variables without a value. */
export function emptyVariables(wanted: NewConfiguration): readonly string[] {
  return variablesOf(wanted, ({ emulated }) => !wanted.emulators || emulated === undefined)
}

export function variablesOf({ tenant, kinds }: NewConfiguration, isWanted = (_: FilledKey) => true): readonly string[] {
  return kinds.flatMap((kind) =>
    templateOf(kind)
      .filled.filter(isWanted)
      .map(({ key }) => variableOf(tenant, kind, key)),
  )
}

const templateOf = (kind: string): BrandTemplate => brandTemplates[kind] ?? { about: kind, filled: [] }

function deploymentText({ publicUrl, tenant, emulators, dataFolder }: NewConfiguration): string {
  const isLocal = publicUrl.protocol === 'http:'
  return `# Settings of this Gatehouse. Check them with: gatehouse check
# ${reference('NAME')} stands for an environment variable. Gatehouse also reads variables from the file .env in this folder.

# Address that users and identity providers reach, without a path: https, or http on localhost.
publicUrl: ${publicUrl.origin}

# Where the process listens.${isLocal ? '' : ' Put a reverse proxy with TLS in front of it.'}
listen:
  host: 127.0.0.1
  port: ${isLocal ? publicUrl.port || '80' : '4000'}
${isLocal ? '' : '\n# Reverse proxies whose X-Forwarded-* headers are believed.\ntrustedProxies: [127.0.0.1]\n'}
# One file stores everything. To run several processes, replace it by:
#   redis: ${reference('REDIS_URL')}
#   postgres: ${reference('POSTGRES_URL')}
storage:
  file: ${yamlText(`${dataFolder}/gatehouse.db`)}

# Encrypts personal data, cookies and signing keys. Back it up: without it, the encrypted data is lost.
keys:
  - ${reference(keyVariable)}

# Emails for sign-up and password resets. They become files in this folder until you set a mail server:
#   smtp: ${reference('SMTP_URL')}
mail:
  directory: ${yamlText(`${dataFolder}/mail`)}

# Tenant of a sign-in page that names none.
defaultTenant: ${JSON.stringify(tenant)}

log:
  # Least level that is logged: fatal, error, warn, info, debug, trace, silent.
  level: info
  # auto: readable lines on a terminal, JSON elsewhere; or pretty; or json.
  format: auto
${emulators ? '\n# The emulators run on this machine. Delete this in production.\noutbound:\n  allowPrivate: [localhost, 127.0.0.1]\n' : ''}`
}

function tenantText({ tenant, kinds, publicUrl, emulators }: NewConfiguration): string {
  const origin = publicUrl.origin
  const connections = kinds.map((kind) => connectionText({ tenant, kind, origin, emulators }))
  return `# A tenant and its connections.
tenant: ${JSON.stringify(tenant)}
# Name that users see.
name: ${JSON.stringify(nameOf(tenant))}

connections:
${connections.join('\n')}${kinds.length > 1 ? groupsText : ''}
# Who may register apps on /developer: none (the default), everyone, or a list of email addresses.${emulators ? '\n# Everyone is for a trial: change it in production.' : ''}
access:
  developer: ${emulators ? 'everyone' : 'none'}
`
}

const groupsText = `
sessions:
  # Groups and roles count in sessions of the connection that supplied them. To let them count in others: a time, such as 12h.
  groupsFromOtherConnections: never
`

/** `Acme West` for acme-west. */
const nameOf = (tenant: string) =>
  tenant.replace(/(^|-)([a-z])/g, (_, hyphen: string, initial: string) => `${hyphen && ' '}${initial.toUpperCase()}`)

interface NewConnection {
  readonly tenant: string
  readonly kind: string
  readonly origin: string
  readonly emulators: boolean
}

function connectionText({ tenant, kind, origin, emulators }: NewConnection): string {
  const { about, filled, lines = [], emulator = [], emulatedDomain = '' } = templateOf(kind)
  const isUpstream = filled.length > 0
  const path = kind === 'saml' || kind === 'epam' ? 'metadata' : 'callback'
  const head = isUpstream ? [`# ${about} Register there: ${origin}/t/${tenant}/${kind}/${path}`] : [`# ${about}`]
  const values = filled.flatMap(({ key, comment }) => [
    `# ${comment}`,
    `${key}: ${reference(variableOf(tenant, kind, key))}`,
  ])
  const domains = [
    '# Email domains of its users, such as [acme.com]: they are sent there directly, and their addresses count as verified.',
    `domains: [${emulators ? emulatedDomain : ''}]`,
  ]
  const more = [
    ...lines.map((line) => line.replace('{tenant}', tenant)),
    ...(isUpstream ? domains : []),
    ...(emulators ? emulator : []),
  ]
  const indented = (depth: number, text: readonly string[]) => text.map((line) => `${' '.repeat(depth)}${line}\n`)
  return [...indented(2, [...head, `${kind}:`]), ...indented(4, [...values, ...more])].join('')
}

function environmentText({ tenant, kinds, emulators, key }: NewConfiguration, withValues: boolean): string {
  const head = withValues
    ? ['# Variables of the configuration in this folder. It holds secrets: keep it out of version control.']
    : ['# Variables of the configuration in this folder, without their values. Copy it to .env and fill them in.']
  const ring = [
    '# Encrypts personal data and cookies: 32 random bytes (openssl rand -base64 32).',
    `${keyVariable}=${withValues ? key : ''}`,
  ]
  const brands = kinds.flatMap((kind) => {
    const { about, filled } = templateOf(kind)
    if (filled.length === 0) return []
    const lines = filled.flatMap(({ key: name, comment, emulated }) => {
      const value = withValues && emulators ? (emulated ?? '') : ''
      return [`# ${comment}`, `${variableOf(tenant, kind, name)}=${value}`]
    })
    return ['', `# --- ${about.replace(/\.$/, '')}`, ...lines]
  })
  return `${[...head, '', ...ring, ...brands].join('\n')}\n`
}
