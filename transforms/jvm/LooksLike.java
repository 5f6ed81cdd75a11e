package lakeward;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * {@code looks_like(kind, text)}: whether a text is written as a {@code number} ({@code -1.5e3}), begins as a
 * {@code day} does ({@code 2020-1-31}, from the year 0001 on), or is a {@code token}; false for null. Around numbers
 * and days there may be blanks. Spark's own casts take more: a year alone, {@code 5d}, {@code NaN}.
 */
public final class LooksLike extends Function {
  private static final UTF8String NUMBER = UTF8String.fromString("number");
  private static final UTF8String TOKEN = UTF8String.fromString("token");

  LooksLike() {
    super("looks_like", DataTypes.BooleanType, new DataType[] {DataTypes.StringType, DataTypes.StringType});
  }

  /** See the class. */
  public static boolean invoke(UTF8String kind, UTF8String text) {
    if (text == null) {
      return false;
    }
    byte[] bytes = text.getBytes();
    if (kind.equals(TOKEN)) {
      return isToken(bytes);
    }
    int begin = blanks(bytes, 0);
    return kind.equals(NUMBER) ? isNumber(bytes, begin) : beginsAsDay(bytes, begin);
  }

  private static boolean isToken(byte[] text) {
    for (byte one : text) {
      if (!(one >= '0' && one <= '9' || one >= 'a' && one <= 'f')) {
        return false;
      }
    }
    return text.length == 2 * Hmac.TOKEN_BYTES;
  }

  private static boolean isNumber(byte[] text, int begin) {
    int at = sign(text, begin);
    int whole = digits(text, at);
    int end = whole;
    if (is(text, whole, '.')) {
      end = digits(text, whole + 1);
    }
    if (whole == at && end <= whole + 1) {
      return false; // not one digit
    }
    if (is(text, end, 'e') || is(text, end, 'E')) {
      int exponent = sign(text, end + 1);
      end = digits(text, exponent);
      if (end == exponent) {
        return false;
      }
    }
    return blanks(text, end) == text.length;
  }

  private static boolean beginsAsDay(byte[] text, int begin) {
    int year = digits(text, begin);
    int month = digits(text, year + 1);
    int day = digits(text, month + 1);
    boolean zero = year == begin + 4
        && is(text, begin, '0') && is(text, begin + 1, '0') && is(text, begin + 2, '0') && is(text, begin + 3, '0');
    return year == begin + 4 && !zero && is(text, year, '-')
        && (month == year + 2 || month == year + 3) && is(text, month, '-')
        && day > month + 1;
  }

  private static boolean is(byte[] text, int at, char wanted) {
    return at < text.length && text[at] == wanted;
  }

  private static int sign(byte[] text, int at) {
    return is(text, at, '+') || is(text, at, '-') ? at + 1 : at;
  }

  private static int digits(byte[] text, int at) {
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at;
  }

  private static int blanks(byte[] text, int at) {
    while (at < text.length && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) {
      at++;
    }
    return at;
  }
}
