/**
 * A SAML response checked by our engine, against bare @node-saml; and the processor time of the
 * most expensive hostile responses until they are rejected.
 */
import { randomBytes } from 'node:crypto'
import { SAML } from '@node-saml/node-saml'
import { type CertifiedKey, certifiedKey } from '../../providers/saml/emulator/certificate.ts'
import { assertionXml, defaultFacts, type ResponseFacts, responseXml } from '../../providers/saml/emulator/response.ts'
import { signed } from '../../providers/saml/emulator/signature.ts'
import { maxResponseLength } from '../../providers/saml/response/response.ts'
import type { Connection, ConnectionContext, Memo, Recorder } from '../../src/provider/provider.ts'
import type { Result } from '../results.ts'
import { comparedAll, type Effort, type Figures, orderOf } from '../rounds.ts'
import { median } from '../statistics.ts'
import { ofEach, type Version, type Versions } from '../versions.ts'

const idp = 'https://idp.example/metadata'
const callbackUrl = new URL('https://login.example/t/bench/saml/callback')
const entityId = new URL('https://login.example/t/bench/saml/metadata')
const state = 'state-of-the-bench'
const responsesPerSecond = 200
const warmUps = 3
/** Short turns, so that both meet the same load of the machine. */
const turnLength = 5

export async function benchSamlResponse(versions: Versions, effort: Effort): Promise<readonly Result[]> {
  const [key, stranger] = await Promise.all([certifiedKey('idp'), certifiedKey('stranger')])
  const logins = await ofEach(versions, (version) => begun(key, version))
  const [login] = logins
  const { requestId = '' } = login.memo // all answer the same request
  const sameRequest = logins.map((each) => ({ ...each, memo: { ...each.memo, requestId } }))
  const checks = [bareCheck(key), ...sameRequest.map((each) => (message: string) => complete(each, message))]
  const rounds = await responses(() => assertionSigned(login), checks, effort)
  const worst = await worstRefusal(login, stranger, effort)
  return [
    ...comparedAll('saml-response', 'resp/s', rounds, versions),
    { name: 'saml-hostile-ms', value: worst, unit: 'ms' },
  ]
}

interface Begun {
  readonly connection: Connection
  readonly memo: Memo
  readonly key: CertifiedKey
  readonly honest: () => ResponseFacts
}

/** Rejects unless the message is accepted. */
type Check = (message: string) => Promise<void>

const record: Recorder = { step: (_, work) => work(), check: () => undefined }

async function begun(key: CertifiedKey, { saml: { saml } }: Version): Promise<Begun> {
  const seen = new Set<string>()
  const context: ConnectionContext = {
    tenant: 'bench',
    connection: 'saml',
    callbackUrl,
    entityId,
    fetch,
    now: () => new Date(),
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    once: async (name) => !seen.has(name) && seen.add(name).has(name),
    metadata: { find: async () => null, replace: async () => true, otherIssuers: async () => [] },
    passwords: {
      find: async () => null,
      rehash: async () => undefined,
      minimumLength: () => 15,
      isBreached: async () => false,
    },
    mailedCodes: { find: async () => null },
  }
  const known = { entityId: idp, singleSignOnUrl: 'https://idp.example/sso', certificates: [key.certificate] }
  const connection = saml.open(saml.config.parse(known), context)
  const { memo } = await connection.begin({ state, record })
  const attributes = {
    email: ['ada@example.com'],
    displayName: ['Ada Lovelace'],
    givenName: ['Ada'],
    familyName: ['Lovelace'],
    groups: ['Everyone', 'Engineering', 'London', 'Computing', 'Poetry'],
  }
  const place = { issuer: idp, destination: callbackUrl.href, recipient: callbackUrl.href }
  const about = { audiences: [[entityId.href]], inResponseTo: `${memo['requestId']}`, nameId: 'ada', attributes }
  return { connection, memo, key, honest: () => defaultFacts(new Date(), { ...place, ...about }) }
}

/** With all checks that node-saml has. */
function bareCheck(key: CertifiedKey): Check {
  const bare = new SAML({
    callbackUrl: callbackUrl.href,
    issuer: entityId.href,
    audience: entityId.href,
    idpCert: [key.certificate],
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    acceptedClockSkewMs: 60_000,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    maxAssertionAgeMs: 600_000,
  })
  return async (message) => {
    const { profile } = await bare.validatePostResponseAsync({ SAMLResponse: message })
    if (profile?.nameID !== 'ada') throw new Error('node-saml rejected a response')
  }
}

/** The rounds of each check. */
async function responses(
  write: () => string,
  checks: readonly Check[],
  { rounds, seconds, say }: Effort,
): Promise<Figures[][]> {
  const count = Math.max(20, Math.round(responsesPerSecond * seconds))
  const measured = checks.map((check) => ({ check, done: [] as Figures[], ms: 0 }))
  for (let round = 1 - warmUps; round <= rounds; round += 1) {
    const messages = Array.from({ length: count }, () => encoded(write()))
    for (const each of measured) each.ms = 0
    for (let at = 0; at < count; at += turnLength) {
      for (const each of orderOf(measured, 1 + at / turnLength))
        each.ms += await cpuMsOf(messages.slice(at, at + turnLength), each.check)
    }
    if (round < 1) continue
    for (const { done, ms } of measured) done.push({ perSecond: (1000 * count) / ms, cpuMs: ms / count })
    const line = measured.map(({ ms }) => `${(ms / count).toFixed(3)} ms`).join(', ')
    say(`saml response, round ${round} of ${rounds}, cpu of node-saml and of each version: ${line}`)
  }
  return measured.map(({ done }) => done)
}

async function complete({ connection, memo }: Begun, message: string): Promise<void> {
  const parameters = new URLSearchParams({ SAMLResponse: message, RelayState: state })
  const { identity } = await connection.complete({ parameters, memo, state, record })
  if (identity.subject !== 'ada') throw new Error('a response has another subject')
}

async function cpuMsOf(messages: readonly string[], work: Check): Promise<number> {
  const before = process.cpuUsage()
  for (const message of messages) await work(message)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const assertionSigned = ({ key, honest }: Begun, changes: Partial<ResponseFacts> = {}, signer = key): string => {
  const facts = { ...honest(), ...changes }
  return responseXml(facts, signed(assertionXml(facts), 'Assertion', signer))
}

const encoded = (xml: string) => Buffer.from(xml).toString('base64')

/** The worst median of all kinds; single runs mostly measure garbage collection. */
async function worstRefusal(login: Begun, stranger: CertifiedKey, { rounds, say }: Effort): Promise<number> {
  const costs: number[] = []
  for (const [kind, write] of hostile(login, stranger)) {
    const messages = Array.from({ length: warmUps + rounds }, () => encoded(write()))
    const each: number[] = []
    for (const message of messages) each.push(await cpuMsOf([message], (one) => refused(login, one, kind)))
    const cost = median(each.slice(warmUps))
    say(`hostile saml response, ${kind}: ${cost.toFixed(1)} ms cpu`)
    costs.push(cost)
  }
  return Math.max(...costs)
}

async function refused(login: Begun, message: string, kind: string): Promise<void> {
  if (message.length > maxResponseLength) throw new Error(`${kind}: larger than the size limit`)
  const isTaken = await complete(login, message).then(
    () => true,
    () => false,
  )
  if (isTaken) throw new Error(`a hostile response was accepted: ${kind}`)
}

/** XML bytes that fit into the longest parameter, and those around the padding. */
const room = (maxResponseLength / 4) * 3 - 8000

function hostile(login: Begun, stranger: CertifiedKey): readonly (readonly [string, () => string])[] {
  const filled = (piece: string, max = Number.POSITIVE_INFINITY) =>
    piece.repeat(Math.min(Math.floor(room / piece.length), max))
  const into = (place: string, padding: string, xml = assertionSigned(login)) =>
    xml.replace(place, `${padding}${place}`)
  const extended = (padding: string, xml?: string) =>
    into('<samlp:Status>', `<samlp:Extensions>${padding}</samlp:Extensions>`, xml)
  const prefixes = Array.from({ length: 50 }, (_, n) => ` xmlns:p${n}="urn:${n}"`).join('')
  const used = Array.from({ length: 2 }, (_, n) => ` p${n}:a="&quot;&lt;&amp;"`).join('')
  const many = `<a${prefixes}>${filled(`<p49:b${used}/>`, 2200)}</a>`
  const deep = `${`<a${prefixes}>`.repeat(50)}${filled('<b/>', 2350)}${'</a>'.repeat(50)}`
  const list = Array.from({ length: 20 }, (_, n) => `q${n}`).join(' ')
  const listed = (xml: string) =>
    xml.replace(
      /(<ds:CanonicalizationMethod Algorithm="([^"]*)")\/>/,
      `$1><i:InclusiveNamespaces xmlns:i="$2" PrefixList="${list}"/></ds:CanonicalizationMethod>`,
    )
  const largeName = { nameId: filled('&amp;', 35_000) }
  return [
    ['depth', () => extended(filled('<a>'))],
    ['elements', () => extended(filled('<a/>'))],
    ['attributes', () => extended(filled(`<a ${Array.from({ length: 60 }, (_, n) => `a${n}=""`).join(' ')}/>`))],
    ['prefixes', () => extended(many)],
    ['prefixes in what is signed', () => into('</saml:Assertion>', many)],
    ['prefixes in the signature', () => into('</ds:SignedInfo>', many)],
    ['prefixes listed in the signature', () => listed(into('</ds:SignedInfo>', deep))],
    ['prefixes deep in what is signed', () => into('</saml:Assertion>', deep)],
    ['entities', () => extended(filled('&#65;'))],
    ['entities in what is signed', () => into('</saml:Assertion>', `<a>${filled('&#38;')}</a>`)],
    ['entities in the signature', () => into('</ds:SignedInfo>', `<a>${filled('&#38;')}</a>`)],
    ['an unsigned text', () => extended(filled('x'))],
    [
      'an unsigned part as large as it may be',
      () => extended('x'.repeat(40_000), assertionSigned(login, { recipient: 'x' })),
    ],
    ['text that is signed by a stranger', () => assertionSigned(login, largeName, stranger)],
    ['one that is not finished', () => filled('<a b="c">', 60).slice(0, -4) + filled(' ')],
  ]
}
