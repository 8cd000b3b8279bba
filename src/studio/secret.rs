//! Numbers that nobody guesses.

/// 128 random bits, as 32 hexadecimal digits.
///
/// # Errors
/// Where the system gives no random numbers.
pub fn secret() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
