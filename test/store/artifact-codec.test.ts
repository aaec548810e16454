import { expect, it } from 'vitest'
import { artifactHash, openArtifact, sealArtifact } from '../../src/store/artifact-codec.ts'
import { keyRing } from '../support/store/samples.ts'

const hash = artifactHash('RefreshToken', 'token')

it('opens a record that was sealed under the former name, with the present name of a scope', () => {
  const content = {
    scope: 'openid organisation organisation.read',
    nonce: 'organisation',
    openid: { scope: 'organisation email', claims: ['organisation', 'email'] },
    resources: { api: 'organisation.read' },
  }
  const sealed = keyRing.seal(JSON.stringify(content), `artefact ${hash}`)
  expect(openArtifact(keyRing, hash, sealed, 0)?.content).toEqual({
    ...content,
    scope: 'openid organization organisation.read',
    openid: { scope: 'organization email', claims: ['organization', 'email'] },
  })
})

it('opens a record under no other hash', () => {
  const { sealed } = sealArtifact(keyRing, {
    model: 'RefreshToken',
    id: 'token',
    content: { scope: 'openid' },
    seconds: 60,
  })
  expect(openArtifact(keyRing, hash, sealed, 0)?.content).toEqual({ scope: 'openid' })
  expect(openArtifact(keyRing, artifactHash('RefreshToken', 'other'), sealed, 0)).toBeNull()
})
