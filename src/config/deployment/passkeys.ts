/** `passkeys` of gatehouse.yaml: the domain of all passkeys, and where they may be used. */
import { z } from 'zod'
import { options } from '../schema/shape.ts'
import { domain, textWhere, wrongOrigin } from '../schema/text.ts'
import { report, type Source } from '../source/source.ts'

const androidApp = /^android:apk-key-hash:[\w-]{43}$/

const relatedOrigin = textWhere((text) => (androidApp.test(text) ? undefined : wrongOrigin(text))).transform((text) =>
  androidApp.test(text) ? text : new URL(text).origin,
)

export const passkeysSchema = options(
  {
    rpId: z.union([z.literal('localhost'), domain]).optional(),
    relatedOrigins: z.array(relatedOrigin).max(100).default([]),
  },
  {
    rpId: 'Domain that passkeys belong to: the host of publicUrl, or a domain above it that only you control. Changing it makes all passkeys useless. Default: the host of publicUrl.',
    relatedOrigins:
      'Origins besides publicUrl whose pages or apps may use the passkeys, such as https://app.example.com, or android:apk-key-hash:… of an Android app; at most 100. Browsers read the https origins at /.well-known/webauthn of rpId. Default: none.',
  },
)

type Passkeys = z.output<typeof passkeysSchema>

export function checkPasskeys(source: Source, publicUrl: URL | undefined, passkeys: Passkeys | undefined): void {
  const [rpId, host] = [passkeys?.rpId, publicUrl?.hostname]
  if (rpId === undefined || host === undefined || host === rpId || host.endsWith(`.${rpId}`)) return
  report(source, ['passkeys', 'rpId'], `browsers refuse it: it must be ${host} or a domain above it`)
}
