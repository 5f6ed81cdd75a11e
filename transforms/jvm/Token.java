package lakeward;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/** {@code token(message, inner, outer)}: the first 32 hex digits of a text's HMAC; null for null. */
public final class Token extends Function {
  private static final byte[] NOTHING = new byte[0];

  Token() {
    super(
        "token",
        DataTypes.StringType,
        new DataType[] {DataTypes.StringType, DataTypes.BinaryType, DataTypes.BinaryType});
  }

  /** See the class. */
  public static UTF8String invoke(UTF8String message, byte[] inner, byte[] outer) {
    return message == null ? null : Hmac.token(message.getBytes(), NOTHING, inner, outer);
  }
}
