/** An issuer on loopback that signs any claims and returns any response. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export interface TestIssuer {
  readonly issuer: string
  /** Path → what it answers; `hang` never answers. */
  readonly answers: Map<string, { readonly status: number; readonly body: string } | 'hang'>
  /** Paths asked, and the authorization they came with. */
  readonly asked: { readonly path: string; readonly authorization: string | undefined }[]
  /** How many connections were opened. */
  connections(): number
  sign(claims: JWTPayload, header?: { readonly typ?: string; readonly kid?: string }): Promise<string>
  stop(): void
}

export async function startTestIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const answers: TestIssuer['answers'] = new Map()
  const asked: TestIssuer['asked'][number][] = []
  let connections = 0
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    asked.push({ path, authorization: request.headers.authorization })
    request.resume()
    const answer = answers.get(path)
    if (answer === 'hang') return
    response.writeHead(answer?.status ?? 404, { 'content-type': 'application/json' }).end(answer?.body ?? '{}')
  })
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  answers.set('/oauth2/jwks', { status: 200, body: JSON.stringify({ keys: [jwk] }) })
  return {
    issuer: `http://127.0.0.1:${port}`,
    answers,
    asked,
    connections: () => connections,
    sign: (claims, { typ = 'at+jwt', kid = 'one' } = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ, kid }).sign(privateKey),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
