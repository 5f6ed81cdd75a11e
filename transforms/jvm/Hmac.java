package lakeward;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.spark.unsafe.types.UTF8String;

/** HMAC-SHA-256 (RFC 2104) under a key that comes as its inner and outer pad, 64 bytes each. */
final class Hmac {
  /** Bytes of the HMAC that a token shows: 128 bits, as RFC 2104 section 5 allows. */
  static final int TOKEN_BYTES = 16;

  private static final byte[] DIGITS = "0123456789abcdef".getBytes();

  private static final ThreadLocal<MessageDigest> SHA_256 =
      new ThreadLocal<MessageDigest>() {
        @Override
        protected MessageDigest initialValue() {
          try {
            return MessageDigest.getInstance("SHA-256");
          } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing); // every Java has it
          }
        }
      };

  private Hmac() {}

  /** The token of {@code head | tail}, one after the other: 32 hex digits. */
  static UTF8String token(byte[] head, byte[] tail, byte[] inner, byte[] outer) {
    MessageDigest sha = (MessageDigest) SHA_256.get();
    sha.update(inner);
    sha.update(head);
    sha.update(tail);
    byte[] digest = sha.digest();
    sha.update(outer);
    sha.update(digest);
    return hex(sha.digest());
  }

  private static UTF8String hex(byte[] bytes) {
    byte[] text = new byte[2 * TOKEN_BYTES];
    for (int i = 0; i < TOKEN_BYTES; i++) {
      text[2 * i] = DIGITS[(bytes[i] >> 4) & 15];
      text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    return UTF8String.fromBytes(text);
  }
}
