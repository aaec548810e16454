/** One certificate for both hosts of a run, trusted by Node and by Java. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './programs.ts'

export interface Certificate {
  readonly certificate: string
  readonly privateKey: string
  /** PKCS#12 with the certificate alone. */
  readonly trustStore: string
  readonly trustStorePassword: string
}

const trustStorePassword = 'changeit'

export async function makeCertificate(folder: string, jdk: string): Promise<Certificate> {
  const [certificate, privateKey] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const trustStore = join(folder, 'trust.p12')
  if (!existsSync(certificate)) {
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const files = ['-nodes', '-keyout', privateKey, '-out', certificate]
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-days',
      '30',
      '-subj',
      '/CN=localhost',
      ...names,
      ...files,
    ])
    const store = ['-keystore', trustStore, '-storetype', 'PKCS12', '-storepass', trustStorePassword]
    await run(join(jdk, 'bin', 'keytool'), [
      '-importcert',
      '-noprompt',
      '-alias',
      'run',
      '-file',
      certificate,
      ...store,
    ])
  }
  return { certificate, privateKey, trustStore, trustStorePassword }
}
