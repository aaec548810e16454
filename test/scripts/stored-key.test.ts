import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { keptKey } from '../../demo/stored-key.ts'
import { startSamlEmulator } from '../../providers/saml/emulator/emulator.ts'
import { testContext } from '../contract/context.ts'
import { open } from '../support/providers/saml-forge.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-kept-key-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('the emulated EPAM SSO of a quickstart is trusted after the next start too', async () => {
  const file = join(folder, 'quickstart', 'epam.pem')
  const { metadata: trustedMetadata } = testContext()
  let port = 0
  for (const _ of ['first', 'second']) {
    const emulator = await startSamlEmulator({ port, services: [], people: [], key: await keptKey(file, 'EPAM SSO') })
    const { metadataUrl } = emulator
    port = Number(new URL(metadataUrl).port)
    const { status } = await open({ metadataUrl }, { metadata: trustedMetadata }).health(AbortSignal.timeout(5000))
    expect(status).toBe('up')
    await emulator.close()
  }
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
