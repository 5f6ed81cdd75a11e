package lakeward;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-GCM (NIST SP 800-38D): nonce (12 bytes) | ciphertext | tag (16 bytes), as Spark's aes_encrypt has it. */
final class Gcm {
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private static final ThreadLocal<Cipher> CIPHER =
      new ThreadLocal<Cipher>() {
        @Override
        protected Cipher initialValue() {
          return newCipher();
        }
      };

  private static final ThreadLocal<SecureRandom> RANDOM =
      new ThreadLocal<SecureRandom>() {
        @Override
        protected SecureRandom initialValue() {
          return new SecureRandom();
        }
      };

  private Gcm() {}

  private static Cipher newCipher() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing); // every Java has it
    }
  }

  /** {@code text} sealed under {@code key} and bound to {@code aad}, with a random nonce. */
  static byte[] seal(byte[] text, byte[] key, byte[] aad) {
    byte[] nonce = new byte[NONCE_BYTES];
    ((SecureRandom) RANDOM.get()).nextBytes(nonce);
    return seal((Cipher) CIPHER.get(), text, key, aad, nonce);
  }

  /** {@code text} sealed under {@code key} and bound to {@code aad}, with the nonce that is given. */
  static byte[] seal(byte[] text, byte[] key, byte[] aad, byte[] nonce) {
    // A cipher refuses the nonce of its last call, which is right to come again with the very same text.
    return seal(newCipher(), text, key, aad, nonce);
  }

  private static byte[] seal(Cipher cipher, byte[] text, byte[] key, byte[] aad, byte[] nonce) {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, nonce));
      cipher.updateAAD(aad);
      byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + text.length + TAG_BYTES);
      cipher.doFinal(text, 0, text.length, sealed, NONCE_BYTES);
      return sealed;
    } catch (GeneralSecurityException wrong) {
      throw new IllegalStateException(wrong.getClass().getName()); // its words could tell of the value
    }
  }

  /** The text that was sealed; null where it does not open under {@code key} and {@code aad}. */
  static byte[] open(byte[] sealed, byte[] key, byte[] aad) {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) {
      return null;
    }
    try {
      Cipher cipher = (Cipher) CIPHER.get();
      GCMParameterSpec nonce = new GCMParameterSpec(8 * TAG_BYTES, sealed, 0, NONCE_BYTES);
      cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), nonce);
      cipher.updateAAD(aad);
      return cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    } catch (AEADBadTagException closed) {
      return null;
    } catch (GeneralSecurityException wrong) {
      throw new IllegalStateException(wrong.getClass().getName());
    }
  }
}
