/** Emails about signing up, signing in and sign-in methods. */
import type { Mailer, RequestedMail } from '../../broker/ports/core-ports.ts'
import { ButtonLink, Code, Facts, List, Paragraph, SmallPrint } from './blocks.tsx'
import { compose } from './compose.tsx'
import type { Composers } from './composers.ts'
import { formatMinutes, nothingToDo, singleLine, timeText } from './words.ts'

type AccountMail = Extract<
  keyof Mailer,
  | 'signUp'
  | 'alreadySignedUp'
  | 'reset'
  | 'verifyEmail'
  | 'signInCode'
  | 'passwordChanged'
  | 'methodAdded'
  | 'methodRemoved'
>

export const accountMails: Pick<Composers, AccountMail> = {
  signUp(message) {
    const tenant = singleLine(message.tenantName)
    return compose(message, {
      subject: `Finish signing up for ${tenant}`,
      body: (
        <>
          <Paragraph>
            Someone asked to sign up for {tenant} with this email address. To continue, open this link:
          </Paragraph>
          <ButtonLink link={message.link} label="Finish signing up" />
          {appCode(message.code)}
          {requestFacts(message.requested)}
          <SmallPrint>
            The link works once, within {formatMinutes(message.minutes)}. If you didn't request it, ignore this email;
            nothing will change.
          </SmallPrint>
        </>
      ),
    })
  },

  /** The sign-up page shows the same in both cases: only the owner of the mailbox sees the case. */
  alreadySignedUp(message) {
    const tenant = singleLine(message.tenantName)
    return compose(message, {
      subject: `You already have an account at ${tenant}`,
      body: (
        <>
          <Paragraph>
            Someone asked to sign up for {tenant} with this email address, but you already have an account. If you
            forgot your password, you can reset it on the sign-in page:
          </Paragraph>
          <ButtonLink link={message.link} label="Sign in" />
          <SmallPrint>If this wasn't you, ignore this email. Nothing has changed.</SmallPrint>
        </>
      ),
    })
  },

  reset(message) {
    const tenant = singleLine(message.tenantName)
    return compose(message, {
      subject: `Choose a new password for ${tenant}`,
      body: (
        <>
          <Paragraph>Someone asked to reset your password for {tenant}. To continue, open this link:</Paragraph>
          <ButtonLink link={message.link} label="Choose a new password" />
          {appCode(message.code)}
          {requestFacts(message.requested)}
          <SmallPrint>
            The link works once, within {formatMinutes(message.minutes)}. If you didn't request it, ignore this email;
            your password stays the same.
          </SmallPrint>
        </>
      ),
    })
  },

  verifyEmail(message) {
    const tenant = singleLine(message.tenantName)
    return compose(message, {
      subject: `Verify your email address for ${tenant}`,
      body: (
        <>
          <Paragraph>
            To verify that this address is yours, open this link where you are signed in to {tenant}:
          </Paragraph>
          <ButtonLink link={message.link} label="Verify my address" />
          <SmallPrint>
            The link works once, within {formatMinutes(message.minutes)}. If you didn't request it, ignore this email;
            nothing will change.
          </SmallPrint>
        </>
      ),
    })
  },

  signInCode(message) {
    const tenant = singleLine(message.tenantName)
    const { code, link, minutes } = message
    return compose(message, {
      subject: `${code} is your sign-in code for ${tenant}`,
      body: (
        <>
          <Paragraph>Enter this code in the browser or app where you asked for it:</Paragraph>
          <Code code={code} />
          {link !== undefined && (
            <>
              <Paragraph>Or open this link in the same browser:</Paragraph>
              <ButtonLink link={link} label="Sign in" />
            </>
          )}
          {requestFacts(message.requested)}
          <SmallPrint>
            It works once, within {formatMinutes(minutes)}. Never give the code to another person. If you didn't request
            it, ignore this email: without the code, the person who asked cannot sign in.
          </SmallPrint>
        </>
      ),
    })
  },

  passwordChanged(message) {
    const tenant = singleLine(message.tenantName)
    const { suspended, accountLink, suspendedTokens, secretRevoked, developerLink } = message
    return compose(message, {
      subject: `Your password for ${tenant} was changed`,
      body: (
        <>
          <Paragraph>
            The password of this email address for {tenant} was just changed. {nothingToDo}
          </Paragraph>
          <Paragraph>If this wasn't you, choose a new password now:</Paragraph>
          <ButtonLink link={message.link} label="Choose a new password" />
          {suspended.length > 0 && (
            <>
              <Paragraph>
                These sign-in methods were added while the old password was in use, so they are suspended. Sign in and
                confirm those that are yours; remove the others:
              </Paragraph>
              <List items={suspended.map(singleLine)} />
              <ButtonLink link={accountLink} label="Check your sign-in methods" />
            </>
          )}
          {suspendedTokens.length > 0 && (
            <>
              <Paragraph>
                These API tokens were created while the old password was in use, so they are suspended. Sign in and
                confirm those that are yours; revoke the others:
              </Paragraph>
              <List items={suspendedTokens.map(singleLine)} />
              <ButtonLink link={developerLink} label="Check your API tokens" />
            </>
          )}
          {secretRevoked && (
            <>
              <Paragraph>
                Your client secret was created while the old password was in use, so it was revoked. Programs that use
                it need a new one:
              </Paragraph>
              <ButtonLink link={developerLink} label="Create a client secret" />
            </>
          )}
        </>
      ),
    })
  },

  methodAdded(message) {
    const [tenant, method] = [singleLine(message.tenantName), singleLine(message.method)]
    return compose(message, {
      subject: `A sign-in method was added for ${tenant}`,
      body: (
        <>
          <Paragraph>
            From now on, {method} signs you in to {tenant}. If you added it, you don't need to do anything.
          </Paragraph>
          <Paragraph>If you didn't add it, remove it on this page, then reset your password:</Paragraph>
          <ButtonLink link={message.link} label="Check your sign-in methods" />
        </>
      ),
    })
  },

  methodRemoved(message) {
    const [tenant, method] = [singleLine(message.tenantName), singleLine(message.method)]
    return compose(message, {
      subject: `A sign-in method was removed for ${tenant}`,
      body: (
        <>
          <Paragraph>
            {method} no longer signs you in to {tenant}. If you removed it, you don't need to do anything.
          </Paragraph>
          <Paragraph>
            If you didn't remove it, check your sign-in methods on this page, then reset your password:
          </Paragraph>
          <ButtonLink link={message.link} label="Check your sign-in methods" />
        </>
      ),
    })
  },
}

/** Device and address of the request, by which users recognize their own. */
function requestFacts(requested: RequestedMail | undefined) {
  if (requested === undefined) return undefined
  const { device, at, address } = requested
  const from = address === undefined ? undefined : singleLine(address)
  return <Facts rows={{ 'Requested with': singleLine(device), Time: timeText(at), Address: from }} />
}

/** A function and not a component: the plain text is made of the blocks that it returns. */
function appCode(code: string | undefined) {
  if (code === undefined) return undefined
  return (
    <>
      <Paragraph>If the app that you use asks for a code, paste this one:</Paragraph>
      <Code code={code} />
    </>
  )
}
