import type { Mailer } from '../../broker/ports/core-ports.ts'
import type { Mail } from '../../broker/ports/durable.ts'

type MessageOf<Given> = Given extends readonly (infer Each)[] ? Each : Given

/** The function that composes the email, for each message of `Mailer`. */
export type Composers = { readonly [Name in keyof Mailer]: (message: MessageOf<Parameters<Mailer[Name]>[0]>) => Mail }
