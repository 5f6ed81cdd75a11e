package lakeward;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.text.Normalizer2;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.spark.unsafe.types.UTF8String;

/** One spelling for one value: {@code tenancy/normalise.py}, step by step; tests hold the two equal. */
final class NormalForm {
  private static final UTF8String PHONE = UTF8String.fromString("phone");
  private static final UTF8String COMPACT = UTF8String.fromString("compact");
  private static final Normalizer2 NFKC = Normalizer2.getNFKCInstance();
  private static final byte[] NOTHING = new byte[0];

  private NormalForm() {}

  /** The normal form in UTF-8; {@code code} is the tenant's calling code. Empty where nothing is left. */
  static byte[] of(UTF8String normaliser, UTF8String value, UTF8String code) {
    byte[] text = value.getBytes();
    boolean ascii = isAscii(text);
    text = ascii ? plain(text) : folded(value.toString()).getBytes(StandardCharsets.UTF_8);
    if (normaliser.equals(PHONE)) {
      return dialled(text, code.getBytes());
    }
    if (normaliser.equals(COMPACT)) {
      text = ungrouped(text);
    }
    // What was dropped may have stood between a letter and its accent.
    return ascii ? text : NFKC.normalize(new String(text, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isAscii(byte[] text) {
    for (byte one : text) {
      if (one < 0) {
        return false;
      }
    }
    return true;
  }

  /** As {@link #folded}: NFKC leaves ASCII, the bulk of all values, as it is, and case folding is lower case. */
  private static byte[] plain(byte[] text) {
    byte[] out = new byte[text.length];
    int length = 0;
    for (byte one : text) {
      if (isSpace((char) one)) {
        if (length > 0 && out[length - 1] != ' ') {
          out[length++] = ' ';
        }
      } else {
        out[length++] = one >= 'A' && one <= 'Z' ? (byte) (one + 'a' - 'A') : one;
      }
    }
    if (length > 0 && out[length - 1] == ' ') {
      length--;
    }
    return Arrays.copyOf(out, length);
  }

  private static String folded(String value) {
    String text = NFKC.normalize(UCharacter.foldCase(NFKC.normalize(value), true));
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char one = text.charAt(i);
      if (isSpace(one)) {
        if (out.length() > 0 && out.charAt(out.length() - 1) != ' ') {
          out.append(' ');
        }
      } else if (!isInvisible(one)) {
        out.append(one);
      }
    }
    if (out.length() > 0 && out.charAt(out.length() - 1) == ' ') {
      out.setLength(out.length() - 1);
    }
    return out.toString();
  }

  private static boolean isSpace(char one) {
    switch (one) {
      case ' ': case '\t': case '\n': case '\r':
      case '\u0085': case '\u00a0': case '\u1680': case '\u2028': case '\u2029':
        return true;
      default:
        return false;
    }
  }

  /** Soft hyphen, zero-width characters and direction marks. */
  private static boolean isInvisible(char one) {
    return one == '\u00ad' || (one >= '\u200b' && one <= '\u200f') || one == '\u2060' || one == '\ufeff';
  }

  private static byte[] ungrouped(byte[] text) {
    byte[] out = new byte[text.length];
    int length = 0;
    for (byte one : text) {
      if (one != ' ' && one != '.' && one != '-') {
        out[length++] = one;
      }
    }
    return Arrays.copyOf(out, length);
  }

  /** The digits of a telephone number, with its calling code: without extension and trunk prefix. */
  private static byte[] dialled(byte[] text, byte[] code) {
    byte[] digits = new byte[text.length];
    int length = 0;
    for (int i = 0; i < text.length && !beginsExtension(text[i]); i++) {
      if (text[i] == '(' && i + 2 < text.length && text[i + 1] == '0' && text[i + 2] == ')') {
        i += 2; // (0) hints at a trunk prefix
      } else if (text[i] >= '0' && text[i] <= '9') {
        digits[length++] = text[i];
      }
    }
    if (text.length > 0 && text[0] == '+') {
      return Arrays.copyOf(digits, length);
    }
    if (length > 1 && digits[0] == '0' && digits[1] == '0') {
      return Arrays.copyOfRange(digits, 2, length);
    }
    // In North America, 1 is both the calling code and the national prefix.
    if (code.length == 1 && code[0] == '1' && length == 11 && digits[0] == '1') {
      return Arrays.copyOf(digits, length);
    }
    int start = length > 0 && digits[0] == '0' ? 1 : 0;
    if (start == length) {
      return NOTHING;
    }
    byte[] out = Arrays.copyOf(code, code.length + length - start);
    System.arraycopy(digits, start, out, code.length, length - start);
    return out;
  }

  private static boolean beginsExtension(byte one) {
    return one == 'x' || one == '#' || one == ';' || one == ','; // the x of "ext" too
  }
}
