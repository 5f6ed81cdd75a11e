package lakeward;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/** {@code seal_with(text, key, aad, nonce)}: a text sealed under the nonce that is given; null for null. */
public final class SealWith extends Function {
  SealWith() {
    super(
        "seal_with",
        DataTypes.BinaryType,
        new DataType[] {
          DataTypes.StringType, DataTypes.BinaryType, DataTypes.StringType, DataTypes.BinaryType
        });
  }

  /** See the class. */
  public static byte[] invoke(UTF8String text, byte[] key, UTF8String aad, byte[] nonce) {
    return text == null ? null : Gcm.seal(text.getBytes(), key, aad.getBytes(), nonce);
  }
}
