/** Bytes of the buttons module, and of the first paint of a sign-in page. */
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { deploy, serve, untilReady } from '../gatehouse.ts'
import { stop } from '../processes.ts'
import type { Result } from '../results.ts'

export async function benchButtonsBytes(): Promise<readonly Result[]> {
  const deployment = await deploy({})
  await writeFile(join(deployment.folder, 'tenants', 'every.yaml'), JSON.stringify(tenantWithEveryKind()))
  const child = serve(deployment, 'all')
  try {
    await untilReady(child, deployment.port)
    const buttons = await transfer(deployment.port, '/buttons.js')
    const page = await firstPaint(deployment.port, '/login?tenant=every')
    return [
      { name: 'buttons-gzip-bytes', value: buttons.bodyBytes, unit: 'bytes' },
      { name: 'login-page-bytes', value: page, unit: 'bytes' },
    ]
  } finally {
    await stop(child)
  }
}

/** The page and its resources, response headers included. */
async function firstPaint(port: number, path: string): Promise<number> {
  const page = await transfer(port, path)
  const parts = [...page.text.matchAll(/<(?:link|img|script)\b[^>]*\b(?:href|src)="([^"]+)"/g)].map(
    ([, part = '']) => part,
  )
  const logos = parts.filter((part) => part.endsWith('.svg'))
  if (logos.length < 7) throw new Error(`the sign-in page shows ${logos.length} logos`)
  const transfers = await Promise.all([...new Set(parts)].map((part) => transfer(port, part)))
  return [page, ...transfers].reduce((sum, { bytes }) => sum + bytes, 0)
}

interface Transfer {
  /** Bytes on the socket. */
  readonly bytes: number
  readonly bodyBytes: number
  readonly text: string
}

function transfer(port: number, path: string): Promise<Transfer> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', failed)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => {
      const all = Buffer.concat(chunks)
      const text = all.toString()
      if (!text.startsWith('HTTP/1.1 200 ')) return failed(new Error(`${path}: ${text.slice(0, 40)}`))
      done({ bytes: all.length, bodyBytes: all.length - all.indexOf('\r\n\r\n') - 4, text })
    })
    socket.end(`GET ${path} HTTP/1.1\r\nhost: localhost:${port}\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n`)
  })
}

/** A tenant with every kind of connection; no request goes to the upstreams. */
function tenantWithEveryKind() {
  const client = { clientId: 'gatehouse', clientSecret: 'emulated' }
  const issuer = 'http://localhost:1'
  const metadataUrl = 'http://localhost:1/metadata'
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    tenant: 'every',
    name: 'Every gate',
    connections: {
      google: client,
      linkedin: client,
      entra: { ...client, issuer },
      github: client,
      gitlab: { ...client, issuer },
      apple: { clientId: 'gatehouse', teamId: 'BENCHTEAM1', keyId: 'BENCHKEY01', privateKey: pem },
      okta: { ...client, issuer },
      oidc: { ...client, issuer },
      epam: { metadataUrl },
      saml: { metadataUrl },
      password: { signUp: true },
    },
  }
}
