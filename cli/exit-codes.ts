/** How every command ends. */
export const exitCodes = { fine: 0, finding: 1, wrongUse: 2 } as const;
