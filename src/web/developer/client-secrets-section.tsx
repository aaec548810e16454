/** The client secrets of an app: shown, created and revoked. */

import type { ClientSecret } from '../../app/app.ts'
import { withQuery } from '../../http/destination.ts'
import { Form } from '../../pages/form.tsx'
import { safeHref } from '../../pages/layout.tsx'
import { Labelled, LinkButton, QuietButton, Section } from '../../pages/parts.tsx'
import { SecretValue } from '../../pages/secret-value.tsx'
import { Time } from '../../pages/time.tsx'
import { FaultList, LastUsed, type PageFault } from './developer-fields.tsx'

export interface PageSecret extends Pick<ClientSecret, 'id' | 'createdAt' | 'expiresAt'> {
  readonly lastUsedAt?: Date | undefined
  /** Set where secrets are shown. */
  readonly text?: string | undefined
}

export interface PageSecrets {
  readonly list: readonly PageSecret[]
  /** Absent when they are shown already. */
  readonly showHref?: string | undefined
  /** Set where the user has to sign in again first. */
  readonly signInAgainHref?: string | undefined
}

interface ClientSecretsProps {
  readonly secrets: PageSecrets
  /** Path of the app's page: forms are posted below it. */
  readonly path: string
  readonly faults: readonly PageFault[]
  readonly now: Date
}

export function ClientSecrets(props: ClientSecretsProps) {
  const { list } = props.secrets
  return (
    <Section id="secrets" title="Client secrets">
      <p class="small">
        Your server sends the secret when it requests tokens. Keep it out of repositories and client code. A key is
        safer: it never leaves your server.
      </p>
      {list.length > 0 && (
        <ul class="sessions">
          {list.map((secret, index) => (
            <SecretRow
              key={secret.id}
              title={list.length === 1 ? 'Secret' : index === 0 ? 'New secret' : 'Previous secret'}
              {...{ secret, path: props.path, now: props.now }}
            />
          ))}
        </ul>
      )}
      <ShowSecrets {...props.secrets} />
      <FaultList faults={props.faults.filter(({ field }) => field === 'secret')} />
      {list.length < 2 ? (
        <NewSecret path={props.path} isFirst={list.length === 0} />
      ) : (
        <p class="small">You can have two active secrets. Revoke one to create another.</p>
      )}
    </Section>
  )
}

interface SecretRowProps extends Pick<ClientSecretsProps, 'path' | 'now'> {
  readonly title: string
  readonly secret: PageSecret
}

function SecretRow({ title, secret, path, now }: SecretRowProps) {
  const object = `the ${title.toLowerCase()}`
  const revoke = (
    <LinkButton
      href={withQuery(`${path}/secrets/revoke`, { secret: secret.id })}
      label={<Labelled label="Revoke" object={object} />}
      quiet
    />
  )
  return (
    <li>
      <div>
        <h3>
          {title}, created <Time at={secret.createdAt} />
        </h3>
        <p class="small">
          <LastUsed at={secret.lastUsedAt} now={now} />
          {secret.expiresAt !== undefined && (
            <>
              , valid until <Time at={secret.expiresAt} />
            </>
          )}
        </p>
      </div>
      {secret.text === undefined ? (
        revoke
      ) : (
        <SecretValue id={`secret-${secret.id}`} label={object} text={secret.text} hideable>
          {revoke}
        </SecretValue>
      )}
    </li>
  )
}

function ShowSecrets({ list, showHref, signInAgainHref }: PageSecrets) {
  if (signInAgainHref !== undefined)
    return (
      <p class="small">
        For your security, <a href={safeHref(signInAgainHref)}>confirm it's you</a> to view secrets. You can show a
        secret again at any time while it is valid.
      </p>
    )
  return showHref === undefined ? null : (
    <p>
      <a href={safeHref(showHref)}>Show {list.length === 1 ? 'the secret' : 'the secrets'}</a>
    </p>
  )
}

function NewSecret({ path, isFirst }: { readonly path: string; readonly isFirst: boolean }) {
  return (
    <Form action={`${path}/secrets`}>
      {!isFirst && (
        <div class="field">
          <label for="overlap">Keep the current secret valid for</label>
          <select id="overlap" name="overlap">
            <option value="604800">7 days</option>
            <option value="86400">1 day</option>
            <option value="2592000">30 days</option>
            <option value="0">No time: revoke it immediately</option>
          </select>
        </div>
      )}
      <QuietButton label={isFirst ? 'Create secret' : 'Create new secret'} />
    </Form>
  )
}
