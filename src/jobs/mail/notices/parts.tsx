/** Paragraphs that several notices share. */
import type { ComponentChildren } from 'preact'
import { undoDays } from '../../../broker/factors/recovery/undo-link.ts'
import type { SecurityEvent } from '../../../broker/ports/security-events.ts'
import { ButtonLink, Paragraph } from '../blocks.tsx'
import { singleLine, timeText } from '../words.ts'

export type EventOf<Kind extends SecurityEvent['kind']> = Extract<SecurityEvent, { readonly kind: Kind }>

export interface NoticeContext {
  /** Name of the tenant, on one line. */
  readonly tenant: string
  /** URL of our page where the user checks the account. */
  readonly link: string
}

export const ifNotYou = 'If this was not you, end the sessions that you do not know and change your password:'

// functions and not components: the plain text is made of the blocks that they return

export const checkButton = ({ link }: NoticeContext) => <ButtonLink link={link} label="Check your account" />

export function warning(context: NoticeContext): ComponentChildren {
  return (
    <>
      <Paragraph>{ifNotYou}</Paragraph>
      {checkButton(context)}
    </>
  )
}

export function undoOrWarning(undoLink: string | undefined, context: NoticeContext): ComponentChildren {
  if (undoLink === undefined) return warning(context)
  return (
    <>
      <Paragraph>If this was not you, undo it within {undoDays} days:</Paragraph>
      <ButtonLink link={undoLink} label="Undo the change" />
    </>
  )
}

/** A button that cancels the event; without a link, one to the account. */
export function cancelOrCheck(
  link: string | undefined,
  text: string,
  label: string,
  context: NoticeContext,
): ComponentChildren {
  return (
    <>
      <Paragraph>{text}</Paragraph>
      {link === undefined ? checkButton(context) : <ButtonLink link={link} label={label} />}
    </>
  )
}

export const occurrence = ({ at, address }: { readonly at: Date; readonly address?: string | undefined }) => ({
  Time: timeText(at),
  Address: address === undefined ? undefined : singleLine(address),
})
