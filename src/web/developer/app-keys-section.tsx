/** The public keys of an app: listed, added and removed. */

import type { App } from '../../app/app.ts'
import { withQuery } from '../../http/destination.ts'
import { ActionForm, Form } from '../../pages/form.tsx'
import { CopyButton, Labelled, LinkButton, QuietButton, Section } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'
import { firstFaulty, LastUsed, type PageFault, TextField } from './developer-fields.tsx'
import { appPath } from './paths.ts'

/** A key pair just created; its private half is not stored. */
export interface NewKey {
  readonly id: string
  readonly privatePem: string
}

interface AppKeysProps {
  readonly app: Pick<App, 'id' | 'keys'>
  /** Key id → when it was last used. */
  readonly uses: ReadonlyMap<string, Date>
  /** False for a public client, which cannot use keys. */
  readonly allowed: boolean
  readonly faults: readonly PageFault[]
  readonly now: Date
  readonly newKey?: NewKey | undefined
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
      {props.newKey !== undefined && <CreatedKey app={id} {...props.newKey} />}
      {keys.length > 0 && (
        <ul class="sessions">
          {keys.map((key) => (
            <li key={key.id}>
              <div>
                <h3>
                  {key.name} {key.id === props.newKey?.id && <span class="badge">New</span>}
                </h3>
                <p class="small">
                  <code>{key.source.kind === 'jwks' ? key.source.url : key.id}</code>
                </p>
                <p class="small">
                  Added <Time at={key.createdAt} />. <LastUsed at={uses.get(key.id)} now={now} />
                </p>
              </div>
              <LinkButton
                href={withQuery(`${appPath(id)}/keys/remove`, { key: key.id })}
                label={<Labelled label="Remove" object={`the key ${key.name}`} />}
                quiet
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

function CreatedKey({ app, id, privatePem }: NewKey & { readonly app: string }) {
  return (
    <div class="message">
      <p>
        <strong>Save the private key now. It is not shown again.</strong>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be focusable */}
      <section class="sample" aria-label="Private key" tabIndex={0}>
        <pre id="private-key">{privatePem}</pre>
      </section>
      <div class="actions">
        <ActionForm
          action={`${appPath(app)}/keys/download`}
          hidden={{ key: id, pem: privatePem }}
          label="Download private key"
          download
        />
        <CopyButton of="private-key" label="the private key" />
      </div>
    </div>
  )
}

function NewKeys({ app, faults, typed: values = {} }: AppKeysProps) {
  const focused = firstFaulty(faults, ['madeName', 'key', 'jwksUrl'])
  const form = { values, faults, focused }
  const path = appPath(app.id)
  const isFaulty = (field: string) => faults.some((fault) => fault.field === field)
  return (
    <>
      <details open={app.keys.length === 0 || isFaulty('madeName')}>
        <summary>Create a key</summary>
        <p class="small">You get the private key once, as text and as a file. We store the public key only.</p>
        <Form action={`${path}/keys/generate`}>
          <TextField {...form} name="madeName" label="Name of the key" placeholder="Server in Berlin" />
          <QuietButton label="Create key" />
        </Form>
      </details>
      <details open={isFaulty('key')}>
        <summary>Upload a public key</summary>
        <Form action={`${path}/keys/upload`}>
          <TextField {...form} name="uploadedName" label="Name of the key" placeholder="Server in Berlin" />
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
            placeholder="https://shop.example/jwks.json"
            hint="https URL of your key set. We fetch it when needed, and again when a token names a new key."
          />
          <QuietButton label="Use these keys" />
        </Form>
      </details>
    </>
  )
}
