/** `gatehouse.yaml`: settings of the whole deployment. */

import { z } from 'zod'
import { duration } from '../schema/duration.ts'
import { connectionId, tenantId } from '../schema/ids.ts'
import { postgresUrl, redisUrl, secretUrl } from '../schema/secret-url.ts'
import { options } from '../schema/shape.ts'
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
import { apiSchema, declaredApis } from './apis.ts'
import { appId, appSchema, declaredApps } from './apps.ts'
import { metricsSchema } from './metrics.ts'
import { passkeysSchema } from './passkeys.ts'
import { pluginPath } from './plugins.ts'
import { signingKeys, signingKeysOf } from './signing-keys.ts'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const log = options(
  { level: z.enum(logLevels).default('info'), format: z.enum(['auto', 'pretty', 'json']).default('auto') },
  {
    level: `Lowest level that is logged: ${logLevels.join(', ')}. Default info.`,
    format:
      'auto: readable lines if standard output is a terminal, else JSON lines; pretty: readable lines; json: JSON lines. Default auto.',
  },
)

const traces = options(
  { retention: duration('1h', '365d').prefault('30d') },
  { retention: 'How long traces of logins are kept, 1h to 365d. Default 30d.' },
)

const health = options(
  { probe: z.boolean().default(true) },
  {
    probe:
      'Whether this process may probe the connections; one process probes for all. false: it only shows the results of others. Default true.',
  },
)

const listen = options(
  {
    host: listenHost.default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(4000),
  },
  {
    host: 'Address to listen on; 0.0.0.0 or :: for every one; an IPv6 address with or without brackets. Default 127.0.0.1.',
    port: 'TCP port to listen on, 0 for any that is free. Default 4000.',
  },
)

const storage = options(
  {
    redis: redisUrl.optional(),
    postgres: postgresUrl.optional(),
    file: z.string().min(1).default('var/gatehouse.db'),
  },
  {
    redis:
      'Redis for data that may expire (sessions, pending logins): redis://host:6379/0, rediss:// for TLS, or unix:///run/redis/redis.sock?db=0. Together with postgres. Default: none.',
    postgres:
      'PostgreSQL for data that must never be lost (users, passwords, audit events): postgres://user:password@host/name, with sslmode and the other parameters of libpq. Together with redis. Default: none.',
    file: 'SQLite file used when neither redis nor postgres is given, relative to the working directory. Default var/gatehouse.db.',
  },
).superRefine(({ redis, postgres }, context) => {
  if ((redis === undefined) === (postgres === undefined)) return
  const [given, needed] = redis === undefined ? ['postgres', 'redis'] : ['redis', 'postgres']
  const message = `needs ${needed} too: give both, or neither for the embedded file`
  context.addIssue({ code: 'custom', path: [given], message })
})

const cookie = options(
  {
    name: z
      .string()
      .regex(
        /^(?!__)[\w-]{1,64}$/,
        'must be 1 to 64 letters, digits, _ and - (the prefix __Host- is added by itself where browsers allow it)',
      )
      .default('gatehouse_session'),
    domain: domain.optional(),
    path: z
      .string()
      .regex(/^\/[\w./-]*$/, 'must be a path that begins with /')
      .default('/'),
    sameSite: z.enum(['lax', 'strict', 'none']).default('lax'),
    secure: z.boolean().optional(),
    persistent: z.boolean().default(true),
  },
  {
    name: 'Name of the session cookie; with the prefix __Host- if it is secure, has no domain and the path is /. Default gatehouse_session.',
    domain: 'Domain the cookie is for, its subdomains included. Default: only the host of publicUrl.',
    path: 'Path the cookie is for. Default /.',
    sameSite: 'SameSite attribute: lax, strict or none; none needs secure. Default lax.',
    secure: 'Secure attribute: sent over https only. Default: true when publicUrl is https.',
    persistent:
      'Kept when the browser closes, until the session ends; false makes it a browser-session cookie. Default true.',
  },
)

const mail = options(
  {
    smtp: secretUrl('smtp', 'smtps').optional(),
    directory: z.string().min(1).optional(),
    from: z
      .string()
      .regex(/^[^\r\n]*[^\s@<>]@[^\s@<>]+>?$/, 'must be a sender such as Acme <no-reply@acme.test>')
      .optional(),
  },
  {
    smtp: 'Mail server: smtps://user:password@host:465, or smtp://host:587 for STARTTLS. Default: none.',
    directory:
      'For development: emails become .eml files in this directory, relative to the working directory. Used without smtp. Default: none.',
    from: 'Sender of every email. Default: Gatehouse <no-reply@ followed by the host of publicUrl>.',
  },
)

const passwords = options(
  { breachedFile: z.string().min(1).optional() },
  {
    breachedFile:
      'File of breached passwords, which new passwords must not be: SHA-1 hashes, sorted, in the download format of Have I Been Pwned. Relative to the working directory; never loaded as a whole. Default: none.',
  },
)

const outbound = options(
  {
    allowPrivate: z.array(hostOrRange).default([]),
    timeout: duration('1s', '60s').prefault('5s'),
    ca: z.union([caCertificates, z.array(caCertificates).max(20)]).default([]),
    proxy: z.union([z.enum(['environment', 'off']), secretUrl('http', 'https')]).default('environment'),
    noProxy: z.array(z.string().min(1)).max(200).default([]),
    proxyResolves: z.boolean().default(false),
  },
  {
    allowPrivate: 'Hosts, addresses or CIDR ranges inside private networks that connections may call. Default: none.',
    timeout: 'Limit of one call to an upstream, 1s to 60s. Default 5s.',
    ca: 'CA certificates (PEM, mostly file:ca.pem, or a list) that calls trust beside those of Node, for an upstream with a private CA. Default: none.',
    proxy:
      'Forward proxy of calls to upstreams and apps: environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), off, or http://user:password@host:3128. Email, Redis and PostgreSQL do not use it. Default environment.',
    noProxy:
      'Hosts, .domains, addresses or CIDR ranges that are called without the proxy, beside NO_PROXY. Default: none.',
    proxyResolves:
      'Names that cannot be resolved here are left to the proxy, which then has to refuse private addresses itself. Default false.',
  },
)

export const deploymentSchema = options(
  {
    publicUrl,
    listen: listen.prefault({}),
    storage: storage.prefault({}),
    keys: z.array(keyText).min(1).optional(),
    cookie: cookie.prefault({}),
    mail: mail.prefault({}),
    passwords: passwords.prefault({}),
    passkeys: passkeysSchema.prefault({}),
    trustedProxies: z.array(range).default([]),
    outbound: outbound.prefault({}),
    log: log.prefault({}),
    traces: traces.prefault({}),
    health: health.prefault({}),
    metrics: metricsSchema.optional(),
    signingKeys: signingKeys.prefault({}),
    defaultTenant: tenantId.optional(),
    domainProof: z.enum(['advisory', 'required']).default('advisory'),
    tenantVariables: z.record(tenantId, z.array(variableName).max(200)).default({}),
    plugins: z.array(pluginPath).max(50).default([]),
    apps: z.record(appId, appSchema).default({}),
    apis: z.array(apiSchema).max(200).default([]),
    connections: z.record(connectionId, z.unknown()).default({}),
  },
  {
    publicUrl:
      'Address of Gatehouse for browsers and upstreams, without a path: https, or http on localhost. Required.',
    listen: 'Address and port on which the process listens.',
    storage: 'The stores. Default: one SQLite file.',
    keys: 'Key ring that encrypts personal data and cookies, newest first; each at least 32 bytes as base64url, base64 or hex. Required with redis and postgres. Default: Gatehouse creates a key at the first start, in a file beside the SQLite file.',
    cookie: 'The session cookie.',
    mail: 'The mail server. Default: no email is sent.',
    passwords: 'Passwords that Gatehouse stores, in every tenant.',
    passkeys: 'The domain of passkeys, and the origins that may use them.',
    trustedProxies: 'Addresses or CIDR ranges of reverse proxies whose X-Forwarded-* headers count. Default: none.',
    outbound: 'Calls to upstreams.',
    log: 'The log on standard output.',
    traces: 'Recorded steps of login attempts.',
    health: 'Probes of the connections, every 48 seconds; with more than 500 connections less often.',
    metrics: 'Metrics for Prometheus at /metrics. Default: none, and /metrics is 404.',
    signingKeys: 'Keys that sign ID tokens and access tokens; Gatehouse creates and stores them.',
    defaultTenant:
      'Tenant of a sign-in page whose address names no tenant. Default: the only tenant if there is one, otherwise none.',
    domainProof:
      'required: in every tenant, a connection speaks for a domain only after its DNS TXT record proves it; advisory: each tenant decides. Default advisory.',
    tenantVariables:
      "Environment variables that a tenant's file may use besides those that begin with its ID (ACME_ for acme): lists of names, by tenant ID. Default: none.",
    plugins:
      'Modules that add kinds of connections, such as ./github.ts: .ts, .js or .mjs files, relative to this file. They run as part of Gatehouse. Default: none.',
    apps: 'Apps that sign users in with Gatehouse, by ID, which is the client_id. Developers register others on /developer. Default: none.',
    apis: 'APIs that access tokens are for. Default: none.',
    connections:
      'Connections that tenants may share, by ID; a tenant uses one by writing its ID and the word shared. Default: none.',
  },
)

export type WrittenDeployment = z.output<typeof deploymentSchema>
export type Deployment = ReturnType<typeof deploymentOf>

/** The deployment with defaults that depend on other options. */
export function deploymentOf(written: WrittenDeployment) {
  const { publicUrl: url, cookie: session } = written
  const { plugins: _, tenantVariables: __, connections: ___, ...rest } = written
  const { timeout: timeoutSeconds, ca, ...calls } = written.outbound
  const apps = declaredApps(written.apps)
  return {
    ...rest,
    /** The key ring, newest first; empty: a file beside the embedded database (keys.ts). */
    keys: written.keys ?? [],
    /** `name`: without the `__Host-` prefix. */
    cookie: { ...session, domain: session.domain, secure: session.secure ?? url.protocol === 'https:' },
    mail: { ...written.mail, from: written.mail.from ?? `Gatehouse <no-reply@${url.hostname}>` },
    /** `ca`: PEM. */
    outbound: { ...calls, timeoutSeconds, ca: [ca].flat() },
    traces: { keepSeconds: written.traces.retention },
    metrics: written.metrics,
    signingKeys: signingKeysOf(written.signingKeys, apps),
    /** Declared here; developers register others. */
    apps,
    apis: declaredApis(written.apis),
  }
}
