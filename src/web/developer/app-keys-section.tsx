/** The public keys of an app: listed, added and removed. */

import type { App } from '../../app/app.ts'
import { ActionForm, Form } from '../../pages/form.tsx'
import { QuietButton, Section } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'
import { LastUsed, type PageFault, TextField } from './developer-fields.tsx'
import { appPath } from './paths.ts'

interface AppKeysProps {
  readonly app: Pick<App, 'id' | 'keys'>
  /** Key id → when it was last used. */
  readonly uses: ReadonlyMap<string, Date>
  /** False for a public client, which cannot use keys. */
  readonly allowed: boolean
  readonly faults: readonly PageFault[]
  readonly now: Date
  /** Rejected values of the forms. */
  readonly typed?: Readonly<Record<string, string>> | undefined
}

export function AppKeys(props: AppKeysProps) {
  const { uses, now, allowed } = props
  const { id, keys } = props.app
  return (
    <Section id="keys" title="App keys">
      <p class="small">
        Your server authenticates with a short-lived JWT that it signs (private_key_jwt), at the token endpoint and in
        API calls. We store public keys only. An app can have several keys.
      </p>
      {keys.length > 0 && (
        <ul class="sessions">
          {keys.map((key) => (
            <li key={key.id}>
              <div>
                <h3>{key.name}</h3>
                <p class="small">
                  <code>{key.source.kind === 'jwks' ? key.source.url : key.id}</code>
                </p>
                <p class="small">
                  Added <Time at={key.createdAt} />. <LastUsed at={uses.get(key.id)} now={now} />
                </p>
              </div>
              <ActionForm
                action={`${appPath(id)}/keys/remove`}
                hidden={{ key: key.id }}
                label="Remove"
                object={`the key ${key.name}`}
              />
            </li>
          ))}
        </ul>
      )}
      {allowed ? (
        <NewKeys {...props} />
      ) : (
        <p class="small">Not used: a public client cannot keep a key confidential. The app uses PKCE.</p>
      )}
    </Section>
  )
}

function NewKeys({ app, faults, typed: values = {} }: AppKeysProps) {
  const form = { values, faults }
  const path = appPath(app.id)
  const isFaulty = (field: string) => faults.some((fault) => fault.field === field)
  return (
    <>
      <details open={app.keys.length === 0 || isFaulty('madeName')}>
        <summary>Create a key</summary>
        <p class="small">
          The private key downloads as a file, once: we do not store it. After the download,{' '}
          <a href={`${path}?notice=key#keys`}>show the new key in the list</a>.
        </p>
        <Form action={`${path}/keys/generate`}>
          <TextField {...form} name="madeName" label="Name of the key" />
          <QuietButton label="Create and download key" />
        </Form>
      </details>
      <details open={isFaulty('key')}>
        <summary>Upload a public key</summary>
        <Form action={`${path}/keys/upload`}>
          <TextField {...form} name="uploadedName" label="Name of the key" />
          <TextField
            {...form}
            name="key"
            label="Public key"
            rows={5}
            hint="PEM (-----BEGIN PUBLIC KEY-----) or one JWK: RSA of 2048 bits or more, EC P-256, P-384, P-521, or Ed25519."
          />
          <QuietButton label="Upload" />
        </Form>
      </details>
      <details open={isFaulty('jwksUrl')}>
        <summary>Use a JWKS URL</summary>
        <Form action={`${path}/keys/set`}>
          <TextField
            {...form}
            name="jwksUrl"
            label="JWKS URL"
            hint="https URL of your key set. We fetch it when needed, and again when a token names a new key."
          />
          <QuietButton label="Use these keys" />
        </Form>
      </details>
    </>
  )
}
