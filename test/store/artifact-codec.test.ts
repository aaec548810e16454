import { expect, it } from 'vitest'
import { artifactHash, openArtifact, sealArtifact } from '../../src/store/artifact-codec.ts'
import { cachingJson } from '../../src/store/sealed-json.ts'
import { keyRing } from '../support/store/samples.ts'

const hash = artifactHash('RefreshToken', 'token')
const json = cachingJson(keyRing)

it('opens a record that was sealed under the former name, with the present name of a scope', () => {
  const content = {
    scope: 'openid organisation organisation.read',
    nonce: 'organisation',
    openid: { scope: 'organisation email', claims: ['organisation', 'email'] },
    resources: { api: 'organisation.read' },
  }
  const sealed = keyRing.seal(JSON.stringify(content), `artefact ${hash}`)
  expect(openArtifact(json, hash, sealed, 0)?.content).toEqual({
    ...content,
    scope: 'openid organization organisation.read',
    openid: { scope: 'organization email', claims: ['organization', 'email'] },
  })
})

it('opens a record under no other hash', () => {
  const sealed = sealArtifact(json, hash, { scope: 'openid' })
  expect(openArtifact(json, hash, sealed, 0)?.content).toEqual({ scope: 'openid' })
  expect(openArtifact(json, artifactHash('RefreshToken', 'other'), sealed, 0)).toBeNull()
})
