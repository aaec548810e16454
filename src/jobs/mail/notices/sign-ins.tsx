/** Notices about sign-ins. */
import { ButtonLink, Facts, Paragraph, SmallPrint } from '../blocks.tsx'
import type { Content } from '../compose.tsx'
import { nothingToDo, singleLine } from '../words.ts'
import { type EventOf, ifNotYou, type NoticeContext, occurrence } from './parts.tsx'

export function newDevice(event: EventOf<'new device'>, { tenant, link }: NoticeContext): Content {
  return {
    subject: `New sign-in to ${tenant}`,
    body: (
      <>
        <Paragraph>Your account was used to sign in from a device that is new to us. {nothingToDo}</Paragraph>
        <Facts rows={{ Device: singleLine(event.device), 'Signed in with': event.method, ...occurrence(event) }} />
        <Paragraph>{ifNotYou}</Paragraph>
        <ButtonLink link={link} label="Check your sessions" />
        <SmallPrint>A device is new to us too after you delete its cookies or use a private window.</SmallPrint>
      </>
    ),
  }
}

/** Notice to admins, with a link to the audit log. */
export function breakGlassUsed(event: EventOf<'break-glass used'>, { tenant, link }: NoticeContext): Content {
  return {
    subject: `A break-glass user signed in to ${tenant}`,
    body: (
      <>
        <Paragraph>A user signed in with the exemption from single sign-on.</Paragraph>
        <Facts rows={{ User: singleLine(event.user), ...occurrence(event) }} />
        <Paragraph>If you did not expect it, block the user and read the audit log:</Paragraph>
        <ButtonLink link={link} label="Open the audit log" />
      </>
    ),
  }
}
