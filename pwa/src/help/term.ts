/** The explanation of one technical term. */
export interface Term {
  name: string
  /** other spellings and words for the same */
  also?: readonly string[]
  text: string
}
