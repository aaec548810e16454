/** Apple's emulator, its connection and users. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { apple } from '../../../providers/apple/apple.ts'
import { type AppleEmulator, startAppleEmulator } from '../../../providers/apple/emulator.ts'
import { type Brand, callback } from './passport-brand.ts'

export const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const pemOf = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }).toString()
export const privateKey = pemOf(pair.privateKey)
export const ids = { clientId: 'com.acme.signin', teamId: 'TEAM123456', keyId: 'KEY1234567' }
export const ada = { sub: '001234.abcdef.0123', email: 'ada@acme.test', given_name: 'Ada', family_name: 'Lovelace' }
export const cher = { sub: '001234.fedcba.0123', email: 'cher@acme.test', given_name: 'Cher' }

export const brand: Brand<AppleEmulator> = {
  provider: apple,
  start: () =>
    startAppleEmulator({ clients: [{ ...ids, key: privateKey, redirectUris: [callback] }], people: [ada, cher] }),
  config: { ...ids, privateKey },
  person: { subject: ada.sub, email: { address: 'ada@acme.test', verified: true } },
}
