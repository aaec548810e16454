/** `gatehouse.yaml`: settings of the whole deployment. */
import { z } from 'zod'
import type { Api, App } from '../../app/app.ts'
import type { Secret } from '../../crypto/secret.ts'
import { duration } from '../schema/duration.ts'
import { connectionId, tenantId } from '../schema/ids.ts'
import { postgresUrl, redisUrl, secretUrl } from '../schema/secret-url.ts'
import {
  caCertificates,
  domain,
  hostOrRange,
  keyText,
  listenHost,
  publicUrl,
  range,
  variableName,
} from '../schema/text.ts'
import { apisSchema, declaredApis } from './apis.ts'
import { appsSchema, declaredApps } from './apps.ts'
import { pluginPath } from './plugins.ts'
import { type SigningKeySettings, signingKeysOf, signingKeysSchema } from './signing-keys.ts'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export interface Deployment {
  readonly publicUrl: URL
  readonly listen: { readonly host: string; readonly port: number }
  /** Both redis and postgres, or neither: then `file` holds everything. */
  readonly storage: { readonly redis: Secret | undefined; readonly postgres: Secret | undefined; readonly file: string }
  /** The key ring, newest first; empty: a file beside the embedded database (keys.ts). */
  readonly keys: readonly Secret[]
  readonly cookie: {
    /** Without the `__Host-` prefix. */
    readonly name: string
    readonly domain: string | undefined
    readonly path: string
    readonly sameSite: 'lax' | 'strict' | 'none'
    readonly secure: boolean
    readonly persistent: boolean
  }
  readonly mail: { readonly smtp: Secret | undefined; readonly directory: string | undefined; readonly from: string }
  readonly trustedProxies: readonly string[]
  readonly outbound: {
    readonly allowPrivate: readonly string[]
    readonly timeoutSeconds: number
    /** PEM. */
    readonly ca: readonly string[]
    readonly proxy: Secret | 'environment' | 'off'
    readonly noProxy: readonly string[]
    readonly proxyResolves: boolean
  }
  readonly log: { readonly level: (typeof logLevels)[number] }
  readonly traces: { readonly keepSeconds: number }
  readonly signingKeys: SigningKeySettings
  readonly defaultTenant: string | undefined
  /** `required` holds for every tenant. */
  readonly domainProof: 'required' | 'advisory'
  /** Declared here; developers register others. */
  readonly apps: readonly App[]
  /** The APIs of access tokens. */
  readonly apis: readonly Api[]
}

const listen = z.strictObject({
  host: listenHost
    .default('127.0.0.1')
    .describe(
      'Address to listen on; 0.0.0.0 or :: for every one; an IPv6 address with or without brackets. Default 127.0.0.1.',
    ),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(4000)
    .describe('TCP port to listen on, 0 for any that is free. Default 4000.'),
})

const storage = z
  .strictObject({
    redis: redisUrl
      .optional()
      .describe(
        'Redis for what may expire (sessions, pending logins): redis://host:6379/0, rediss:// for TLS, or unix:///run/redis/redis.sock?db=0. Together with postgres. Default: none.',
      ),
    postgres: postgresUrl
      .optional()
      .describe(
        'PostgreSQL for what must never be lost (users, passwords, audit): postgres://user:password@host/name, with sslmode and the other parameters of libpq. Together with redis. Default: none.',
      ),
    file: z
      .string()
      .min(1)
      .default('var/gatehouse.db')
      .describe(
        'SQLite file used when neither redis nor postgres is given, relative to the working directory. Default var/gatehouse.db.',
      ),
  })
  .superRefine(({ redis, postgres }, context) => {
    if ((redis === undefined) === (postgres === undefined)) return
    const [given, needed] = redis === undefined ? ['postgres', 'redis'] : ['redis', 'postgres']
    const message = `needs ${needed} too: give both, or neither for the embedded file`
    context.addIssue({ code: 'custom', path: [given], message })
  })

const cookie = z.strictObject({
  name: z
    .string()
    .regex(
      /^(?!__)[\w-]{1,64}$/,
      'must be 1 to 64 letters, digits, _ and - (the prefix __Host- is added by itself where browsers allow it)',
    )
    .default('gatehouse_session')
    .describe(
      'Name of the session cookie; __Host- is put in front when it is secure, has no domain and the path is /. Default gatehouse_session.',
    ),
  domain: domain
    .optional()
    .describe('Domain the cookie is for, its subdomains included. Default: only the host of publicUrl.'),
  path: z
    .string()
    .regex(/^\/[\w./-]*$/, 'must be a path that begins with /')
    .default('/')
    .describe('Path the cookie is for. Default /.'),
  sameSite: z
    .enum(['lax', 'strict', 'none'])
    .default('lax')
    .describe('SameSite attribute: lax, strict or none; none needs secure. Default lax.'),
  secure: z
    .boolean()
    .optional()
    .describe('Secure attribute: sent over https only. Default: true when publicUrl is https.'),
  persistent: z
    .boolean()
    .default(true)
    .describe(
      'Kept when the browser closes, until the session ends; false makes it a browser-session cookie. Default true.',
    ),
})

const mail = z.strictObject({
  smtp: secretUrl('smtp', 'smtps')
    .optional()
    .describe('Mail server: smtps://user:password@host:465, or smtp://host:587 for STARTTLS. Default: none.'),
  directory: z
    .string()
    .min(1)
    .optional()
    .describe(
      'For development: mails become .eml files in this directory, relative to the working directory. Used without smtp. Default: none.',
    ),
  from: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]@[^\s@<>]+>?$/, 'must be a sender such as Acme <no-reply@acme.test>')
    .optional()
    .describe('Sender of every mail. Default: Gatehouse <no-reply@ followed by the host of publicUrl>.'),
})

const outbound = z.strictObject({
  allowPrivate: z
    .array(hostOrRange)
    .default([])
    .describe('Hosts, addresses or CIDR ranges inside private networks that connections may call. Default: none.'),
  timeout: duration('1s', '60s').prefault('5s').describe('Limit of one call to an upstream, 1s to 60s. Default 5s.'),
  ca: z
    .union([caCertificates, z.array(caCertificates).max(20)])
    .default([])
    .describe(
      'CA certificates (PEM, mostly file:ca.pem, or a list) that calls trust beside those of Node, for an upstream with a private CA. Default: none.',
    ),
  proxy: z
    .union([z.enum(['environment', 'off']), secretUrl('http', 'https')])
    .default('environment')
    .describe(
      'Forward proxy of calls to upstreams and apps: environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), off, or http://user:password@host:3128. Mail, Redis and PostgreSQL do not use it. Default environment.',
    ),
  noProxy: z
    .array(z.string().min(1))
    .max(200)
    .default([])
    .describe(
      'Hosts, .domains, addresses or CIDR ranges that are called without the proxy, beside NO_PROXY. Default: none.',
    ),
  proxyResolves: z
    .boolean()
    .default(false)
    .describe(
      'Names that cannot be resolved here are left to the proxy, which then has to refuse private addresses itself. Default false.',
    ),
})

export const deploymentSchema = z.strictObject({
  publicUrl: publicUrl.describe(
    'Address people and upstreams reach us at, without a path: https, or http on localhost. Required.',
  ),
  listen: listen.prefault({}).describe('Where the process listens.'),
  storage: storage.prefault({}).describe('Where things are kept. Default: one SQLite file.'),
  keys: z
    .array(keyText)
    .min(1)
    .optional()
    .describe(
      'Key ring that seals personal data and cookies, newest first; each at least 32 bytes as base64url, base64 or hex. Required with redis and postgres. Default: a key made at the first start, in a file beside the SQLite file.',
    ),
  cookie: cookie.prefault({}).describe('The session cookie.'),
  mail: mail.prefault({}).describe('How mails for sign-up and password resets leave. Default: they do not.'),
  trustedProxies: z
    .array(range)
    .default([])
    .describe('Addresses or CIDR ranges of reverse proxies whose X-Forwarded-* headers are believed. Default: none.'),
  outbound: outbound.prefault({}).describe('Calls to upstreams.'),
  log: z
    .strictObject({
      level: z
        .enum(logLevels)
        .default('info')
        .describe(`Least level that is logged: ${logLevels.join(', ')}. Default info.`),
    })
    .prefault({})
    .describe('The log, JSON lines on standard output.'),
  traces: z
    .strictObject({
      retention: duration('1h', '365d')
        .prefault('30d')
        .describe('How long traces of logins are kept, 1h to 365d. Default 30d.'),
    })
    .prefault({})
    .describe('Recorded steps of login attempts.'),
  signingKeys: signingKeysSchema,
  defaultTenant: tenantId
    .optional()
    .describe('Tenant of a sign-in page that names none. Default: none; the only tenant when there is just one.'),
  domainProof: z
    .enum(['advisory', 'required'])
    .default('advisory')
    .describe(
      'required: in every tenant a connection speaks for its domains only once each is proven by its DNS TXT record; advisory: each tenant says so itself. Default advisory.',
    ),
  tenantVariables: z
    .record(tenantId, z.array(variableName).max(200))
    .default({})
    .describe(
      "Environment variables that a tenant's file may use besides those that begin with its id (ACME_ for acme): lists of names, by tenant id. Default: none.",
    ),
  plugins: z
    .array(pluginPath)
    .max(50)
    .default([])
    .describe(
      'Modules that bring kinds of connections from outside, such as ./github.ts: .ts, .js or .mjs files, relative to this file. They run as part of Gatehouse. Default: none.',
    ),
  apps: appsSchema,
  apis: apisSchema,
  connections: z
    .record(connectionId, z.unknown())
    .default({})
    .describe(
      'Connections that tenants may share, by id; a tenant uses one by writing its id and the word shared. Default: none.',
    ),
})

export type WrittenDeployment = z.output<typeof deploymentSchema>

/** With the defaults that depend on other options. */
export function deploymentOf(written: WrittenDeployment): Deployment {
  const { publicUrl: url, storage: storageOptions, cookie: session, mail: mails, outbound: calls } = written
  const apps = declaredApps(written.apps)
  return {
    publicUrl: url,
    listen: written.listen,
    storage: { redis: storageOptions.redis, postgres: storageOptions.postgres, file: storageOptions.file },
    keys: written.keys ?? [],
    cookie: { ...session, domain: session.domain, secure: session.secure ?? url.protocol === 'https:' },
    mail: {
      smtp: mails.smtp,
      directory: mails.directory,
      from: mails.from ?? `Gatehouse <no-reply@${url.hostname}>`,
    },
    trustedProxies: written.trustedProxies,
    outbound: {
      allowPrivate: calls.allowPrivate,
      timeoutSeconds: calls.timeout,
      ca: [calls.ca].flat(),
      proxy: calls.proxy,
      noProxy: calls.noProxy,
      proxyResolves: calls.proxyResolves,
    },
    log: written.log,
    traces: { keepSeconds: written.traces.retention },
    signingKeys: signingKeysOf(written.signingKeys, apps),
    defaultTenant: written.defaultTenant,
    domainProof: written.domainProof,
    apps,
    apis: declaredApis(written.apis),
  }
}
