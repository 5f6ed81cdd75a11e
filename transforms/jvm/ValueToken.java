package lakeward;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * {@code value_token(domain, normaliser, calling_code, value, inner, outer)}: the token of a value in its normal
 * form, as {@code tenancy/tokens.py} has it. {@code domain} ends in its {@code |}. Null for null, and where
 * nothing is left of the value.
 */
public final class ValueToken extends Function {
  ValueToken() {
    super(
        "value_token",
        DataTypes.StringType,
        new DataType[] {
          DataTypes.StringType, DataTypes.StringType, DataTypes.StringType,
          DataTypes.StringType, DataTypes.BinaryType, DataTypes.BinaryType
        });
  }

  /** See the class. */
  public static UTF8String invoke(
      UTF8String domain, UTF8String normaliser, UTF8String code, UTF8String value, byte[] inner, byte[] outer) {
    if (value == null) {
      return null;
    }
    byte[] normal = NormalForm.of(normaliser, value, code);
    return normal.length == 0 ? null : Hmac.token(domain.getBytes(), normal, inner, outer);
  }
}
