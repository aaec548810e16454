/** Fields of the portal's forms, with hints and faults. */
import type { ComponentChildren } from 'preact'
import { Time } from '../../pages/time.tsx'

export interface PageFault {
  readonly field: string
  readonly message: string
}

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly hint?: string | undefined
  readonly faults: readonly PageFault[]
}

function describedByAttributes({ name, hint, faults }: Omit<FieldProps, 'label'>) {
  const own = faults.filter(({ field }) => field === name)
  const describedBy = [hint !== undefined && `${name}-hint`, own.length > 0 && `${name}-fault`]
    .filter(Boolean)
    .join(' ')
  return {
    own,
    attributes: {
      ...(describedBy !== '' && { 'aria-describedby': describedBy }),
      ...(own.length > 0 && { 'aria-invalid': true }),
    },
  }
}

function FieldMessages({
  name,
  hint,
  own,
}: {
  readonly name: string
  readonly hint: string | undefined
  readonly own: readonly PageFault[]
}) {
  return (
    <>
      {hint !== undefined && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <FaultList faults={own} id={`${name}-fault`} />
    </>
  )
}

interface FaultListProps {
  readonly faults: readonly PageFault[]
  readonly id?: string
}

export function FaultList({ faults, id }: FaultListProps) {
  return faults.length === 0 ? null : (
    <ul class="fault" id={id}>
      {faults.map(({ message }) => (
        <li key={message}>{message}</li>
      ))}
    </ul>
  )
}

export function TextField(props: FieldProps & { readonly value?: string | undefined; readonly required?: boolean }) {
  const { name, label, hint, value, required } = props
  const { own, attributes } = describedByAttributes(props)
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        type="text"
        id={name}
        name={name}
        value={value ?? ''}
        spellcheck={false}
        autocomplete="off"
        required={required}
        {...attributes}
      />
      <FieldMessages name={name} hint={hint} own={own} />
    </div>
  )
}

export function LinesField(props: FieldProps & { readonly value: string; readonly rows?: number }) {
  const { name, label, hint, value, rows = 3 } = props
  const { own, attributes } = describedByAttributes(props)
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <textarea id={name} name={name} rows={rows} spellcheck={false} autocomplete="off" {...attributes}>
        {value}
      </textarea>
      <FieldMessages name={name} hint={hint} own={own} />
    </div>
  )
}

export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string | undefined
}

export function ChoicesField(
  props: FieldProps & {
    readonly type: 'radio' | 'checkbox'
    readonly choices: readonly Choice[]
    readonly chosen: readonly string[]
  },
) {
  const { name, label, hint, type, choices, chosen } = props
  const { own, attributes } = describedByAttributes(props)
  const { 'aria-describedby': describedBy } = attributes
  return (
    <fieldset aria-describedby={describedBy}>
      <legend>{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} class="choice">
          <input type={type} name={name} value={choice.value} checked={chosen.includes(choice.value)} />
          <span>
            {choice.label}
            {choice.hint !== undefined && <span class="hint"> {choice.hint}</span>}
          </span>
        </label>
      ))}
      <FieldMessages name={name} hint={hint} own={own} />
    </fieldset>
  )
}

/** Above a rejected form; screen readers announce it. */
export function FaultsSummary({ faults }: { readonly faults: readonly PageFault[] }) {
  return faults.length === 0 ? null : (
    <div class="message error" role="alert">
      <p>
        <strong>Please fix {faults.length === 1 ? '1 error' : `${faults.length} errors`} below.</strong>
      </p>
      <p>Nothing was saved.</p>
    </div>
  )
}

export function Section({
  id,
  title,
  children,
}: {
  readonly id: string
  readonly title: string
  readonly children: ComponentChildren
}) {
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

interface LastUsedProps {
  readonly at: Date | undefined
  readonly now: Date
}

export function LastUsed({ at, now }: LastUsedProps) {
  if (at === undefined) return <>Not used yet</>
  return (
    <>
      Last used <Time at={at} now={now} />
    </>
  )
}
