/** `/account/developer`: the API tokens and the client secret of the user. */
import { safeHref } from '../../../pages/layout.tsx'
import { Aside, LinkButton, Section } from '../../../pages/parts.tsx'
import { SecretValue } from '../../../pages/secret-value.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { revokeAllPath } from './paths.ts'
import { SecretSection, type SecretSectionProps } from './secret-section.tsx'
import { TokenForm, type TokenFormProps } from './token-form.tsx'
import { type PageToken, TokenList } from './token-list.tsx'

export interface NewToken {
  readonly name: string
  readonly text: string
}

export interface SettingsPageProps {
  readonly viewer: AccountViewer
  /** Set for a developer. */
  readonly portalHref?: string | undefined
  readonly notice?: string | undefined
  /** Just created or rotated: shown this once. */
  readonly newToken?: NewToken | undefined
  /** Newest first. */
  readonly tokens: readonly PageToken[]
  /** Page of the tokens, from 1. */
  readonly pageNumber: number
  readonly form: TokenFormProps
  /** Absent for a user who is no developer and never was. */
  readonly secret?: Omit<SecretSectionProps, 'now'> | undefined
  readonly now: Date
}

export function settingsPage(props: SettingsPageProps): string {
  const { viewer, portalHref, notice, newToken, tokens, pageNumber, form, secret, now } = props
  const isRefused = form.faults.length > 0
  return accountLayout({
    section: 'developer',
    viewer,
    notice,
    failed: isRefused,
    children: (
      <>
        {portalHref !== undefined && (
          <p>
            <a href={safeHref(portalHref)}>Your apps</a>: register apps that use this sign-in.
          </p>
        )}
        {isRefused && <NewTokenSection {...form} />}
        <Section id="tokens" title="API tokens">
          <p class="small">A program that sends your API token acts as you. Give each program a token of its own.</p>
          {newToken !== undefined && <CreatedToken {...newToken} />}
          {tokens.length > 0 && (
            <div class="actions">
              <a class="button quiet" href="#new-token">
                New API token
              </a>
              <LinkButton href={revokeAllPath} label="Revoke all" quiet />
            </div>
          )}
          <TokenList tokens={tokens} pageNumber={pageNumber} now={now} />
        </Section>
        {!isRefused && <NewTokenSection {...form} />}
        {secret !== undefined && <SecretSection {...secret} now={now} />}
        <Aside href="/api" label="API reference" />
      </>
    ),
  })
}

function NewTokenSection(form: TokenFormProps) {
  return (
    <Section id="new-token" title="New API token">
      <TokenForm {...form} />
    </Section>
  )
}

function CreatedToken({ name, text }: NewToken) {
  return (
    <div class="message">
      <p>
        <strong>Copy your new token now. It is not shown again.</strong>
      </p>
      <p class="small">{name}</p>
      <SecretValue id="token" label="the token" text={text} />
    </div>
  )
}
