/** The client secret of the developer. */
import { ActionForm } from '../../../pages/form.tsx'
import { IconLink } from '../../../pages/icons.tsx'
import { safeHref } from '../../../pages/layout.tsx'
import { Section } from '../../../pages/parts.tsx'
import { SecretValue } from '../../../pages/secret-value.tsx'
import { Time } from '../../../pages/time.tsx'
import { LastUsed } from '../../developer/developer-fields.tsx'
import { secretPath, secretsPath, settingsPath } from './paths.ts'

export interface PageSecret {
  readonly id: string
  readonly createdAt: Date
  /** Set once it was replaced. */
  readonly expiresAt: Date | undefined
  readonly lastUsedAt: Date | undefined
  /** Set where secrets are shown. */
  readonly text?: string | undefined
}

export interface SecretSectionProps {
  /** Newest first. */
  readonly secrets: readonly PageSecret[]
  /** Link that shows the secrets, or to sign in again first. Absent if they are shown. */
  readonly show?: { readonly href: string; readonly needsSignIn: boolean } | undefined
  /** The user is a developer, so may create and rotate it. */
  readonly mayChange: boolean
  readonly now: Date
}

export const showSecretHref = `${settingsPath}?show=secret#secret`

export function SecretSection(props: SecretSectionProps) {
  const { secrets, show, mayChange } = props
  return (
    <Section id="secret" title="Your client secret">
      <p class="small">
        Programs of yours send it as <code>Authorization: Secret …</code> where the <a href="/api">API reference</a>{' '}
        allows it, and act as you. Keep it out of repositories and client code.
      </p>
      {secrets.length === 0 ? (
        <>
          <p>You have no client secret.</p>
          {mayChange && <ActionForm action={secretsPath} label="Create a secret" />}
        </>
      ) : (
        <ul class="sessions">
          {secrets.map((secret) => (
            <SecretRow key={secret.id} secret={secret} {...props} />
          ))}
        </ul>
      )}
      {show !== undefined && secrets.length > 0 && (
        <p>
          <a href={safeHref(show.href)}>{show.needsSignIn ? 'Sign in again to show it' : 'Show the secret'}</a>
        </p>
      )}
    </Section>
  )
}

function SecretRow({ secret, secrets, mayChange, now }: SecretSectionProps & { readonly secret: PageSecret }) {
  const { id, createdAt, expiresAt, lastUsedAt, text } = secret
  const title = secrets.length === 1 ? 'Secret' : expiresAt === undefined ? 'New secret' : 'Previous secret'
  const object = title.toLowerCase()
  return (
    <li>
      <div>
        <h3>{title}</h3>
        <p class="small">
          <LastUsed at={lastUsedAt} now={now} />
        </p>
        <p class="small">
          <span class="whole">
            Created <Time at={createdAt} />,
          </span>{' '}
          <span class="whole">
            {expiresAt === undefined ? (
              'does not expire'
            ) : (
              <>
                valid until <Time at={expiresAt} />
              </>
            )}
          </span>
        </p>
      </div>
      <div class="actions">
        {mayChange && expiresAt === undefined && (
          <IconLink icon="refresh" href={secretPath(id, 'rotate')} label="Rotate" object={`the ${object}`} />
        )}
        <IconLink icon="bin" href={secretPath(id, 'revoke')} label="Revoke" object={`the ${object}`} />
      </div>
      {text !== undefined && <SecretValue id={`secret-${id}`} label={`the ${object}`} text={text} hideable />}
    </li>
  )
}
